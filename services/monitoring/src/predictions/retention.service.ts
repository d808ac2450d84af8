import { Transactions } from '@bascule/database';
import { CONFIG, LOGGER, Logger } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config.js';

@Injectable()
export class RetentionService {
  constructor(
    private readonly transactions: Transactions,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** Makes tomorrow's partition ahead of time and drops what is past its time; windows and verdicts stay. */
  async apply(): Promise<void> {
    const { manager } = this.transactions;
    const days = this.config.PREDICTION_KEEP_DAYS;
    await manager.query('select ensure_prediction_day(current_date, $1), ensure_prediction_day(current_date + 1, $1)', [days]);
    const [row] = (await manager.query('select drop_prediction_days($1) as dropped', [days])) as { dropped: number }[];
    if (row?.dropped) this.log.info({ days: row.dropped }, 'predictions past their time dropped');
    for (const [table, column] of [
      ['labels', 'predicted_at'],
      ['truths', 'received_at'],
      ['decisions', 'received_at'],
      ['unstorable_rows', 'received_at'],
    ]) {
      await manager.query(`delete from ${table} where ${column} < now() - make_interval(days => $1)`, [days]);
    }
  }
}
