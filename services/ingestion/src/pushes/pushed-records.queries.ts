import { Transactions } from '@bascule/database';
import { Injectable } from '@nestjs/common';

/** Longer than any stream keeps a message. */
const rememberedDays = 30;

/** Pushed records that wait to become a batch. */
@Injectable()
export class WaitingRecords {
  constructor(private readonly transactions: Transactions) {}

  /** True the first time; false for a message that was taken before. */
  async claim(pushId: string): Promise<boolean> {
    const rows = (await this.transactions.manager.query(
      'insert into taken_pushes (push_id) values ($1) on conflict do nothing returning push_id',
      [pushId],
    )) as unknown[];
    return rows.length > 0;
  }

  async add(datasetName: string, records: readonly object[]): Promise<void> {
    await this.transactions.manager.query(
      'insert into pushed_records (dataset_name, record) select $1, record::json from unnest($2::text[]) with ordinality as sent (record, at) order by at',
      [datasetName, records.map((record) => JSON.stringify(record))],
    );
  }

  /** The datasets for which records wait, with how many and for how long the oldest has. */
  async waiting(): Promise<{ datasetName: string; count: number; oldestSeconds: number }[]> {
    return (await this.transactions.manager.query(
      `select dataset_name as "datasetName", count(*)::int as count, extract(epoch from now() - min(received_at))::float8 as "oldestSeconds"
       from pushed_records group by dataset_name`,
    )) as { datasetName: string; count: number; oldestSeconds: number }[];
  }

  /** Takes records out in the order in which they came; nothing while another replica does. */
  async take(datasetName: string, limit: number): Promise<string[]> {
    const { manager } = this.transactions;
    const [lock] = (await manager.query('select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as locked', [
      `pushes ${datasetName}`,
    ])) as [{ locked: boolean }];
    if (!lock.locked) return [];
    const rows = (await manager.query(
      `with taken as (
         delete from pushed_records where id in (select id from pushed_records where dataset_name = $1 order by id limit $2) returning id, record)
       select record::text as record from taken order by id`,
      [datasetName, limit],
    )) as { record: string }[];
    return rows.map(({ record }) => record);
  }

  /** Forgets messages that cannot come again. */
  async forgetOld(): Promise<void> {
    await this.transactions.manager.query(`delete from taken_pushes where taken_at < now() - interval '${rememberedDays} days'`);
  }
}
