import type { BatchReceived, BatchRejected, BatchValidated } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Injectable } from '@nestjs/common';

export interface BatchCounts {
  readonly uncheckedBatches: readonly string[];
  readonly recordCount: number;
  readonly quarantinedCount: number;
  readonly duplicateCount: number;
}

interface Row {
  readonly batch_id: string;
  readonly status: 'received' | 'validated' | 'rejected';
  readonly record_count: number;
  readonly quarantined_count: number;
  readonly duplicate_count: number;
}

/** How batches did in the checks of their contract. */
@Injectable()
export class BatchChecksService {
  constructor(private readonly transactions: Transactions) {}

  async noteReceived({ data, time }: BatchReceived): Promise<void> {
    await this.put(data.batchId, data.datasetName, 'received', [0, 0, 0], time);
  }

  async noteValidated({ data, time }: BatchValidated): Promise<void> {
    await this.put(data.batchId, data.datasetName, 'validated', [data.recordCount, data.quarantinedCount, data.duplicateCount], time);
  }

  async noteRejected({ data, time }: BatchRejected): Promise<void> {
    await this.put(data.batchId, data.datasetName, 'rejected', [data.recordCount, data.recordCount, 0], time);
  }

  /** What the checks of these batches found. Batches nobody announced count for nothing. */
  async countsOf(batchIds: readonly string[]): Promise<BatchCounts> {
    const rows: Row[] = await this.transactions.manager.query(
      `select batch_id, status, record_count, quarantined_count, duplicate_count from batch_checks where batch_id = any($1::uuid[])`,
      [batchIds],
    );
    const sum = (pick: (row: Row) => number) => rows.reduce((total, row) => total + pick(row), 0);
    return {
      uncheckedBatches: rows.filter(({ status }) => status === 'received').map((row) => row.batch_id),
      recordCount: sum((row) => row.record_count),
      quarantinedCount: sum((row) => row.quarantined_count),
      duplicateCount: sum((row) => row.duplicate_count),
    };
  }

  // events arrive in any order: that a batch was received says nothing more once its checks are known
  private async put(batchId: string, datasetName: string, status: Row['status'], counts: readonly number[], time: string): Promise<void> {
    await this.transactions.manager.query(
      `insert into batch_checks (batch_id, dataset_name, status, record_count, quarantined_count, duplicate_count, checked_at)
       values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (batch_id) do update set status = excluded.status, record_count = excluded.record_count,
         quarantined_count = excluded.quarantined_count, duplicate_count = excluded.duplicate_count, checked_at = excluded.checked_at
       where batch_checks.status = 'received'`,
      [batchId, datasetName, status, ...counts, new Date(time)],
    );
  }
}
