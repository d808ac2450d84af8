import { Transactions } from '@bascule/database';
import { CONFIG, Metrics } from '@bascule/platform';
import { type ModelSchema, PredictionBlockSchema } from '@bascule/proto';
import { fromBinary } from '@bufbuild/protobuf';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config.js';
import { receivedTooFarAway, unreadableBlock } from '../errors.js';
import { LabelsService } from '../ground-truth/labels.service.js';
import { WindowsService } from '../windows/windows.service.js';
import { type PredictionRow, toRow } from './prediction-row.js';
import { ensureDay, ensureSchema, insertPredictions } from './predictions.queries.js';

@Injectable()
export class PredictionsService {
  private readonly knownDays = new Set<string>();
  private readonly schemaIds = new Map<string, number>();
  private readonly stored;

  constructor(
    private readonly transactions: Transactions,
    private readonly windows: WindowsService,
    private readonly labels: LabelsService,
    @Inject(CONFIG) private readonly config: Config,
    metrics: Metrics,
  ) {
    this.stored = metrics.counter('bascule_predictions_stored_total', 'Predictions stored; one that arrives twice counts once');
  }

  /** Stores a block: each prediction once, counted once, however often the block arrives. */
  async store(bytes: Uint8Array): Promise<void> {
    const rows = rowsOf(bytes);
    const inserted = await this.transactions.run(async (manager) => {
      for (const day of new Set(rows.map((row) => row.receivedAt.toISOString().slice(0, 10)))) await this.ensureDay(day);
      const schemaIds: number[] = [];
      for (const row of rows) schemaIds.push(await this.schemaId(row.schema));
      const fresh = await insertPredictions(manager, rows, schemaIds);
      const insertedRows = rows.filter((row) => fresh.delete(row.predictionId));
      await this.windows.count(insertedRows);
      await this.labels.joinPredictions(insertedRows.map((row) => row.predictionId));
      return insertedRows.length;
    });
    this.stored.add(inserted);
  }

  private async ensureDay(day: string): Promise<void> {
    if (this.knownDays.has(day)) return;
    await ensureDay(this.transactions.manager, day, this.config.PREDICTION_KEEP_DAYS).catch((error: { code?: string }) => {
      throw error.code === '22008' ? receivedTooFarAway({ day }) : error;
    });
    // a rollback takes the partition back
    this.transactions.afterCommit(() => void this.knownDays.add(day));
  }

  private async schemaId(schema: ModelSchema): Promise<number> {
    const key = JSON.stringify([schema.modelName, schema.modelVersion, schema.artifactDigest, schema.inputNames, schema.outputNames]);
    const known = this.schemaIds.get(key);
    if (known !== undefined) return known;
    const id = await ensureSchema(this.transactions.manager, schema);
    this.transactions.afterCommit(() => void this.schemaIds.set(key, id));
    return id;
  }
}

function rowsOf(bytes: Uint8Array): PredictionRow[] {
  try {
    const block = fromBinary(PredictionBlockSchema, bytes);
    return block.predictions.map((prediction) => toRow(prediction, block.models));
  } catch (error) {
    throw unreadableBlock({}, error instanceof Error ? error.message : String(error));
  }
}
