import { entityName, uuid } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Clock } from '@bascule/platform';
import { type LabelledBlock, type LabelledPrediction, type ModelSchema, Role } from '@bascule/proto';
import { ObjectStore } from '@bascule/storage';
import { TableWriter } from '@bascule/tables';
import { Injectable } from '@nestjs/common';
import { BatchesService } from '../batches/batches.service.js';
import { ContractsService } from '../contracts/contracts.service.js';
import { DatasetsService } from '../datasets/datasets.service.js';
import { feedbackInvalid } from '../errors.js';
import { textFault } from '../storable-text.js';
import type { FeedbackBody } from './feedback.schema.js';
import { FeedbackRuleEntity } from './feedback-rule.entity.js';
import { isDue } from './flush-policy.js';
import { labelCounts, labelOriginColumns, labelOriginRow } from './label-origins.js';
import { labelledAtOf, occurredAtOf, recordOf } from './map-labelled.js';
import { PendingRows, type TakenRow } from './pending-rows.queries.js';

const rowsPerBatch = 20_000;

/** Brings predictions whose truth is known back into the datasets they teach. */
@Injectable()
export class FeedbackService {
  constructor(
    private readonly transactions: Transactions,
    private readonly contracts: ContractsService,
    private readonly datasets: DatasetsService,
    private readonly batches: BatchesService,
    private readonly pending: PendingRows,
    private readonly store: ObjectStore,
    private readonly clock: Clock,
  ) {}

  /** Lets a model feed a dataset from now on; a second call for the same pair replaces the rule. */
  async configure(datasetName: string, body: FeedbackBody, createdBy: string): Promise<FeedbackRuleEntity> {
    const { modelName, labelColumn, idFrom } = body;
    return this.transactions.run(async (manager) => {
      if (body.contractName !== undefined) await this.contracts.get(body.contractName);
      if (body.contractName !== undefined) await this.datasets.ensure(datasetName, body.contractName);
      const { contractName } = await this.datasets.get(datasetName);
      const { columns } = this.contracts.compile(await this.contracts.get(contractName));
      const withRole = (role: string) => columns.find((column) => column.role === role)?.name;
      const idColumn = body.idColumn ?? withRole('id') ?? null;
      const timeColumn = body.timeColumn ?? withRole('time') ?? null;
      const unknown = [labelColumn, idColumn, timeColumn].filter(
        (name) => name !== null && !columns.some((column) => column.name === name),
      );
      if (unknown.length > 0)
        throw feedbackInvalid({ dataset: datasetName }, `contract ${contractName} has no column ${unknown.join(', ')}`);
      const rule = { datasetName, modelName, labelColumn, idColumn, idFrom, timeColumn, createdBy, createdAt: this.clock.now() };
      await manager.upsert(FeedbackRuleEntity, rule, ['datasetName', 'modelName']);
      return manager.create(FeedbackRuleEntity, rule);
    });
  }

  async list(datasetName: string): Promise<FeedbackRuleEntity[]> {
    await this.datasets.get(datasetName);
    return this.transactions.manager.find(FeedbackRuleEntity, { where: { datasetName }, order: { modelName: 'ASC' } });
  }

  async pendingCount(datasetName: string): Promise<number> {
    return (await this.pending.waiting(datasetName)).count;
  }

  /** Keeps the rows of a block for every dataset that their model feeds; rows of other models are none of our business. */
  async take(block: LabelledBlock): Promise<void> {
    const byModel = Map.groupBy(block.rows.filter(isAnswer), (row) => block.models[row.prediction!.model]);
    await this.transactions.run(async (manager) => {
      for (const [model, rows] of byModel) {
        if (!model || !entityName.safeParse(model.modelName).success) continue;
        const rules = await manager.findBy(FeedbackRuleEntity, { modelName: model.modelName });
        for (const rule of rules) await this.keep(rule, model, rows);
      }
    });
  }

  private async keep(rule: FeedbackRuleEntity, model: ModelSchema, rows: readonly LabelledPrediction[]): Promise<void> {
    const pending = rows.map((row) => ({
      predictionId: row.prediction!.predictionId,
      revision: row.revision,
      record: recordOf(row, model, rule),
      occurredAt: occurredAtOf(row),
      source: storable(row.source),
      selection: storable(row.selection),
      labelledAt: labelledAtOf(row),
    }));
    await this.pending.add(rule.datasetName, model.modelName, pending);
  }

  /** Turns waiting rows into batches where enough wait or the oldest has waited long enough. @returns the batches made */
  async flushDue(): Promise<string[]> {
    const rules = await this.transactions.manager.find(FeedbackRuleEntity, { select: { datasetName: true } });
    const made: string[] = [];
    for (const name of new Set(rules.map(({ datasetName }) => datasetName))) {
      made.push(...(await this.flush(name)));
    }
    return made;
  }

  private async flush(datasetName: string): Promise<string[]> {
    // looked at before any lock is taken: most of the time nothing is due
    const { contractName } = await this.datasets.get(datasetName);
    const contract = this.contracts.compile(await this.contracts.get(contractName));
    // until the contract is published anew labels wait, and hold up those of no other dataset
    if (contract.outdated !== undefined || !isDue(await this.pending.waiting(datasetName), contract.settings)) return [];
    const hasKey = contract.uniqueness.some(({ code }) => code === 'duplicate_key');
    return this.transactions.run(async () => {
      const made: string[] = [];
      if (!(await this.pending.tryLock(datasetName))) return made;
      for (const kind of ['first', 'correction'] as const) {
        const rows = await this.pending.take(datasetName, rowsPerBatch, kind);
        // without a key nobody can say which row is corrected: the new label comes beside the old one
        const mode = kind === 'correction' && hasKey ? 'correct' : 'append';
        if (rows.length > 0) made.push(await this.makeBatch(datasetName, contractName, rows, mode));
      }
      return made;
    });
  }

  private async makeBatch(
    datasetName: string,
    contractName: string,
    rows: readonly TakenRow[],
    mode: 'append' | 'correct',
  ): Promise<string> {
    const labels = { ...labelCounts(rows), digest: await this.keepOrigins(rows) };
    const contentType = 'application/x-ndjson';
    const delivery = {
      datasetName,
      contractName,
      contentType,
      publishAs: { mode },
      labels,
      origin: 'production',
      sentBy: 'feedback',
    } as const;
    return (await this.batches.receive(delivery, Buffer.from(rows.map(({ record }) => record).join('\n')))).id;
  }

  /** Where each label came from, as a file of its own beside the part. */
  private async keepOrigins(rows: readonly TakenRow[]): Promise<string> {
    const writer = new TableWriter({ format: 'parquet', columns: labelOriginColumns });
    const stored = this.store.put(writer.content);
    const write = async () => {
      for (const row of rows) await writer.add(labelOriginRow(row));
      await writer.finish();
    };
    const [{ digest }] = await Promise.all([stored, write()]);
    return digest;
  }
}

// what no table can take must not hold up the row it came with
function storable(text: string): string {
  return textFault(text) === undefined ? text.slice(0, 200) : '';
}

function isAnswer({ prediction }: LabelledPrediction): boolean {
  // a shadow answered nobody: its champion's prediction carries the same record
  if (prediction === undefined || prediction.role === Role.SHADOW) return false;
  // one row that no table can take must not hold up the block it came with
  return uuid.safeParse(prediction.predictionId).success;
}
