import { quarantineSettled } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { BatchEntity } from '../batches/batch.entity.js';
import { BatchesService } from '../batches/batches.service.js';
import { quarantineNotWaiting, quarantineUncorrected } from '../errors.js';
import { type Correction, correctRecord } from './correct-record.js';
import type { DiscardBody, ResubmitBody } from './quarantine.schema.js';
import { hasReason } from './quarantine.service.js';
import { QuarantinedRecordEntity } from './quarantined-record.entity.js';

const mostRows = 10_000;

/** What was done with records in quarantine. */
export interface Settlement {
  readonly rowCount: number;
  readonly correctedCount: number;
  readonly batchId: string | null;
}

/** Brings quarantined records to an end: sent again in a batch of their own, or discarded. Each once. */
@Injectable()
export class SettlementService {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly batches: BatchesService,
    private readonly clock: Clock,
  ) {}

  /** Sends records again, corrected or as they were. They are judged by the contract as it is now. */
  async resubmit(batch: BatchEntity, body: ResubmitBody, settledBy: string): Promise<Settlement> {
    return this.transactions.run(async (manager) => {
      const waiting = await this.waiting(manager, batch, body);
      const corrected = waiting.map((kept) => [kept.row, correctRecord(kept.row, kept.record, isUnreadable(kept), body)] as const);
      const uncorrected = corrected.flatMap(([row, correction]) => (correction ? [] : [row]));
      if (uncorrected.length > 0)
        throw quarantineUncorrected({ rows: uncorrected.slice(0, 100) }, `rows ${uncorrected.slice(0, 100).join(', ')}`);
      const corrections = corrected.map(([, correction]) => correction as Correction);
      const { datasetName, contractName } = batch;
      // a correction stays one; what was meant for a window or for everything came too late for that, and is added
      const publishAs = batch.publishAs.mode === 'correct' ? batch.publishAs : ({ mode: 'append' } as const);
      const contentType = 'application/x-ndjson';
      const delivery = { datasetName, contractName, contentType, publishAs, origin: 'upload', sentBy: settledBy } as const;
      const lines = corrections.map(({ record }) => JSON.stringify(record)).join('\n');
      const { id: batchId } = await this.batches.receive(delivery, Buffer.from(lines));
      const correctedCount = corrections.filter(({ isCorrected }) => isCorrected).length;
      const rows = waiting.map(({ row }) => row);
      await this.settle(manager, batch, rows, { outcome: 'resubmitted', correctedCount, batchId, reason: body.reason, settledBy });
      return { rowCount: rows.length, correctedCount, batchId };
    });
  }

  /** Gives records up, with the reason. */
  async discard(batch: BatchEntity, body: DiscardBody, settledBy: string): Promise<Settlement> {
    return this.transactions.run(async (manager) => {
      const rows = (await this.waiting(manager, batch, body)).map(({ row }) => row);
      await this.settle(manager, batch, rows, { outcome: 'discarded', correctedCount: 0, batchId: null, reason: body.reason, settledBy });
      return { rowCount: rows.length, correctedCount: 0, batchId: null };
    });
  }

  /** The chosen records under lock; all must wait. */
  private async waiting(
    manager: EntityManager,
    { id: batchId, status }: BatchEntity,
    { rows, code, field }: DiscardBody,
  ): Promise<QuarantinedRecordEntity[]> {
    if (status !== 'validated')
      throw quarantineNotWaiting(
        { batch: batchId },
        `the batch is ${status}; of a rejected one nothing was taken: send it again as a whole`,
      );
    const query = manager
      .createQueryBuilder(QuarantinedRecordEntity, 'record')
      .where('record.batch_id = :batchId', { batchId })
      .andWhere(rows ? 'record.row = any(:rows)' : `record.status = 'waiting' and ${hasReason(code, field)}`, { rows, code, field })
      .orderBy('record.row')
      .limit(mostRows)
      .setLock('pessimistic_write');
    const found = await query.getMany();
    const wanted = rows ? new Set(rows).size : Math.max(1, found.length);
    if (found.length < wanted || found.some((record) => record.status !== 'waiting')) throw quarantineNotWaiting({ batch: batchId });
    return found;
  }

  private async settle(
    manager: EntityManager,
    { id: batchId, datasetName }: BatchEntity,
    rows: number[],
    done: { outcome: 'resubmitted' | 'discarded'; correctedCount: number; batchId: string | null; reason: string; settledBy: string },
  ): Promise<void> {
    const { outcome, correctedCount, batchId: resubmittedBatchId, reason, settledBy } = done;
    await manager.query(
      `update quarantined_records set status = $3, resubmitted_batch_id = $4, settled_by = $5, settled_at = $6, settled_reason = $7
       where batch_id = $1 and row = any($2)`,
      [batchId, rows, outcome, resubmittedBatchId, settledBy, this.clock.now(), reason],
    );
    const data = { batchId, datasetName, outcome, rows, correctedCount, resubmittedBatchId, reason, settledBy };
    await this.outbox.publish({ definition: quarantineSettled, data });
  }
}

function isUnreadable({ reasons }: QuarantinedRecordEntity): boolean {
  return reasons.some(({ code }) => code === 'unparsable_row');
}
