import { Transactions } from '@bascule/database';
import { decodeCursor, type Page, pageOf } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { RefusedRow } from '../validation/validate-batch.js';
import type { QuarantineQuery } from './quarantine.schema.js';
import { QuarantinedRecordEntity } from './quarantined-record.entity.js';

const chunk = 2000;
const rawLength = 20_000;

/** Records that did not enter a dataset, with the reasons. */
@Injectable()
export class QuarantineService {
  constructor(private readonly transactions: Transactions) {}

  /** Keeps records of a batch; a record that is there already stays as it is. @returns how many are new */
  async keep(batchId: string, rows: readonly RefusedRow[]): Promise<number> {
    let keptCount = 0;
    for (let at = 0; at < rows.length; at += chunk) {
      const part = rows.slice(at, at + chunk);
      const [counted] = (await this.transactions.manager.query(
        `with kept as (
           insert into quarantined_records (batch_id, row, line, raw, record, reasons)
           select $1, row, line, raw::json, record::json, reasons::json
           from unnest($2::int[], $3::int[], $4::text[], $5::text[], $6::text[]) as given (row, line, raw, record, reasons)
           on conflict do nothing returning row)
         select count(*)::int as count from kept`,
        [
          batchId,
          part.map(({ row }) => row),
          part.map(({ source }) => source.line),
          // as JSON, because PostgreSQL has no text for U+0000
          part.map(({ source }) => JSON.stringify(source.raw.slice(0, rawLength))),
          part.map(({ source }) => JSON.stringify(source.record)),
          part.map(({ reasons }) => JSON.stringify(reasons)),
        ],
      )) as [{ count: number }];
      keptCount += counted.count;
    }
    return keptCount;
  }

  /** Records of a batch in the order in which they were sent. */
  async list(batchId: string, { limit, cursor, code, status }: QuarantineQuery): Promise<Page<QuarantinedRecordEntity>> {
    const after = cursor === undefined ? 0 : decodeCursor(cursor, z.int());
    const query = this.transactions.manager
      .createQueryBuilder(QuarantinedRecordEntity, 'record')
      .where('record.batch_id = :batchId and record.row > :after', { batchId, after })
      .orderBy('record.row')
      .limit(limit + 1);
    if (status !== undefined) query.andWhere('record.status = :status', { status });
    if (code !== undefined)
      query.andWhere(`exists (select from json_array_elements(record.reasons) as reason where reason->>'code' = :code)`, { code });
    return pageOf(await query.getMany(), limit, ({ row }) => row);
  }

  /** How many records wait, by reason, and how many have which status. */
  async counts(batchId: string): Promise<{ waiting: Record<string, number>; statuses: Record<string, number> }> {
    const { manager } = this.transactions;
    const byCode = (await manager.query(
      `select code, count(*)::int as count from (
         select distinct row, reason->>'code' as code from quarantined_records, json_array_elements(reasons) as reason
         where batch_id = $1 and status = 'waiting') as found group by code order by code`,
      [batchId],
    )) as { code: string; count: number }[];
    const byStatus = (await manager.query(
      'select status, count(*)::int as count from quarantined_records where batch_id = $1 group by status',
      [batchId],
    )) as { status: string; count: number }[];
    const statuses = {
      waiting: 0,
      resubmitted: 0,
      discarded: 0,
      ...Object.fromEntries(byStatus.map(({ status, count }) => [status, count])),
    };
    return { waiting: Object.fromEntries(byCode.map(({ code, count }) => [code, count])), statuses };
  }
}
