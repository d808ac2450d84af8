import { Transactions } from '@bascule/database';
import { Injectable } from '@nestjs/common';

/**
 * Counts how often the validation of a batch began without coming to an end, which only a process that died leaves behind.
 * Written outside the transaction of the work, which dies with its process.
 */
@Injectable()
export class ValidationStarts {
  constructor(private readonly transactions: Transactions) {}

  /** Counts a start. @returns how many there are now */
  async add(batchId: string): Promise<number> {
    return this.transactions.runDetached(async (manager) => {
      const [row] = (await manager.query(
        `insert into validation_starts as known (batch_id, starts) values ($1, 1)
         on conflict (batch_id) do update set starts = known.starts + 1 returning starts`,
        [batchId],
      )) as [{ starts: number }];
      return row.starts;
    });
  }

  /** Takes back a start that failed in good order: its message is tried again by other rules. */
  async takeBack(batchId: string): Promise<void> {
    await this.transactions.runDetached((manager) =>
      manager.query('update validation_starts set starts = starts - 1 where batch_id = $1', [batchId]),
    );
  }

  /** Forgets a batch that is decided. */
  async forget(batchId: string): Promise<void> {
    await this.transactions.runDetached((manager) => manager.query('delete from validation_starts where batch_id = $1', [batchId]));
  }
}
