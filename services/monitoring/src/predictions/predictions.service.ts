import { Transactions } from '@bascule/database';
import { CONFIG, Logger, Metrics } from '@bascule/platform';
import { decodePredictionBlock, type ModelSchema, type Prediction, type PredictionBlock, Role } from '@bascule/proto';
import { Inject, Injectable } from '@nestjs/common';
import { noteBlock } from '../capture/capture.queries.js';
import type { Config } from '../config.js';
import { receivedTooFarAway, unreadableBlock } from '../errors.js';
import { LabelsService } from '../ground-truth/labels.service.js';
import { WindowsService } from '../windows/windows.service.js';
import { insertSparingly } from './insert-sparingly.js';
import { type PredictionRow, toRow } from './prediction-row.js';
import { ensureDay, ensureSchema } from './predictions.queries.js';
import { storableSchema, unstorableReason } from './storable.js';
import { setAside, type UnstorableRow } from './unstorable-rows.queries.js';

@Injectable()
export class PredictionsService {
  private readonly knownDays = new Set<string>();
  private readonly schemaIds = new Map<string, number>();
  private readonly stored;
  private readonly setAside;

  constructor(
    private readonly transactions: Transactions,
    private readonly windows: WindowsService,
    private readonly labels: LabelsService,
    @Inject(CONFIG) private readonly config: Config,
    private readonly log: Logger,
    metrics: Metrics,
  ) {
    this.stored = metrics.counter('bascule_predictions_stored_total', 'Predictions stored; one that arrives twice counts once');
    this.setAside = metrics.counter('bascule_predictions_set_aside_total', 'Predictions that no table can hold, kept in unstorable_rows');
  }

  /** Stores a block: each prediction once, counted once, however often the block arrives. A row that cannot be stored holds up no other. */
  async store(bytes: Uint8Array): Promise<void> {
    const block = readBlock(bytes);
    const { rows, unfit } = sifted(block);
    const { inserted, refused } = await this.transactions.run(async (manager) => {
      for (const day of new Set(rows.map((row) => row.receivedAt.toISOString().slice(0, 10)))) await this.ensureDay(day);
      const schemaIds: number[] = [];
      for (const row of rows) schemaIds.push(await this.schemaId(row.schema));
      const { fresh, refused } = await insertSparingly(manager, rows, schemaIds);
      const insertedRows = rows.filter((row) => fresh.delete(row.predictionId));
      // nobody acts on what a shadow says, and a row without values would look like one whose values are all missing
      await this.windows.count(insertedRows.filter(({ role, hasValues }) => role !== Role.SHADOW && hasValues));
      await this.labels.joinPredictions(insertedRows.map((row) => row.predictionId));
      const unstorable = [...unfit, ...refused.map(({ row, reason }) => ({ prediction: predictionOf(block, row), reason }))];
      await setAside(manager, block.models, unstorable);
      await noteBlock(manager, block);
      return { inserted: insertedRows.length, refused: unstorable };
    });
    this.stored.add(inserted);
    this.setAside.add(refused.length);
    for (const { prediction, reason } of refused)
      this.log.error({ predictionId: prediction.predictionId, reason }, 'a prediction that cannot be stored is set aside');
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
    const key = JSON.stringify({ ...schema, $typeName: undefined, $unknown: undefined });
    const known = this.schemaIds.get(key);
    if (known !== undefined) return known;
    const id = await ensureSchema(this.transactions.manager, schema);
    this.transactions.afterCommit(() => void this.schemaIds.set(key, id));
    return id;
  }
}

function readBlock(bytes: Uint8Array): PredictionBlock {
  try {
    return decodePredictionBlock(bytes);
  } catch (error) {
    throw unreadableBlock({}, error instanceof Error ? error.message : String(error));
  }
}

function sifted({ predictions, models }: PredictionBlock): { rows: PredictionRow[]; unfit: UnstorableRow[] } {
  const schemas = models.map(storableSchema);
  const rows: PredictionRow[] = [];
  const unfit: UnstorableRow[] = [];
  for (const prediction of predictions) {
    const reason = unstorableReason(prediction, models);
    if (reason === undefined) rows.push(toRow(prediction, schemas[prediction.model]!));
    else unfit.push({ prediction, reason });
  }
  return { rows, unfit };
}

function predictionOf({ predictions }: PredictionBlock, { predictionId }: PredictionRow): Prediction {
  return predictions.find((prediction) => prediction.predictionId === predictionId)!;
}
