import { Transactions } from '@bascule/database';
import { decodeCursor, type Page, type PageQuery, pageOf } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { RefusedRow } from '../validation/validate-batch.js';
import { QuarantinedRecordEntity } from './quarantined-record.entity.js';

const chunk = 2000;

/** Records that did not enter a dataset, with the reasons. */
@Injectable()
export class QuarantineService {
  constructor(private readonly transactions: Transactions) {}

  /** Keeps records of a batch; a record that is there already stays as it is. */
  async keep(batchId: string, rows: readonly RefusedRow[]): Promise<void> {
    for (let at = 0; at < rows.length; at += chunk) {
      const part = rows.slice(at, at + chunk);
      await this.transactions.manager.query(
        `insert into quarantined_records (batch_id, row, record, reasons)
         select $1, row, record::json, reasons::json from unnest($2::int[], $3::text[], $4::text[]) as kept (row, record, reasons)
         on conflict do nothing`,
        [
          batchId,
          part.map(({ row }) => row),
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
