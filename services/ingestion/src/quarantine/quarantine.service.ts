import { Transactions } from '@bascule/database';
import { decodeCursor, type Page, type PageQuery, pageOf } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { RefusedRow } from '../validation/validate-batch.js';
import { QuarantinedRecordEntity } from './quarantined-record.entity.js';

const chunk = 2000;
const rawLength = 20_000;

/** Records that did not enter a dataset, with the reasons. */
@Injectable()
export class QuarantineService {
  constructor(private readonly transactions: Transactions) {}

  /** Keeps records of a batch; a record that is there already stays as it is. */
  async keep(batchId: string, rows: readonly RefusedRow[]): Promise<void> {
    for (let at = 0; at < rows.length; at += chunk) {
      const part = rows.slice(at, at + chunk);
      await this.transactions.manager.query(
        `insert into quarantined_records (batch_id, row, line, raw, record, reasons)
         select $1, row, line, raw::json, record::json, reasons::json
         from unnest($2::int[], $3::int[], $4::text[], $5::text[], $6::text[]) as kept (row, line, raw, record, reasons)
         on conflict do nothing`,
        [
          batchId,
          part.map(({ row }) => row),
          part.map(({ source }) => source.line),
          // as JSON, because PostgreSQL has no text for U+0000
          part.map(({ source }) => JSON.stringify(source.raw.slice(0, rawLength))),
          part.map(({ source }) => JSON.stringify(source.record)),
          part.map(({ reasons }) => JSON.stringify(reasons)),
        ],
      );
    }
  }

  /** Records of a batch in the order in which they were sent. */
  async list(batchId: string, { limit, cursor }: PageQuery): Promise<Page<QuarantinedRecordEntity>> {
    const after = cursor === undefined ? 0 : decodeCursor(cursor, z.int());
    const rows = await this.transactions.manager
      .createQueryBuilder(QuarantinedRecordEntity, 'record')
      .where('record.batch_id = :batchId and record.row > :after', { batchId, after })
      .orderBy('record.row')
      .limit(limit + 1)
      .getMany();
    return pageOf(rows, limit, ({ row }) => row);
  }
}
