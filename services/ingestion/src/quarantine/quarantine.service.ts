import { type Credential, likePatterns } from '@bascule/access';
import { Transactions } from '@bascule/database';
import { decodeCursor, type Page, pageOf } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import type { SelectQueryBuilder } from 'typeorm';
import { z } from 'zod';
import { BatchEntity } from '../batches/batch.entity.js';
import type { ReasonCode } from '../validation/reason.js';
import type { RefusedRow } from '../validation/validate-batch.js';
import { onlySender } from './own-records.js';
import type { AnyQuarantineQuery, QuarantineFilter, QuarantineQuery } from './quarantine.schema.js';
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
  async list(batchId: string, { limit, cursor, ...filter }: QuarantineQuery): Promise<Page<QuarantinedRecordEntity>> {
    const after = cursor === undefined ? 0 : decodeCursor(cursor, z.int());
    const query = this.transactions.manager
      .createQueryBuilder(QuarantinedRecordEntity, 'record')
      .where('record.batch_id = :batchId and record.row > :after', { batchId, after })
      .orderBy('record.row')
      .limit(limit + 1);
    narrow(query, filter);
    return pageOf(await query.getMany(), limit, ({ row }) => row);
  }

  /** All records of a batch that fit, one after the other, whatever their number. */
  async *each(batchId: string, filter: QuarantineFilter): AsyncGenerator<QuarantinedRecordEntity> {
    let cursor: string | null = null;
    do {
      const page: Page<QuarantinedRecordEntity> = await this.list(batchId, { limit: 500, ...(cursor ? { cursor } : {}), ...filter });
      yield* page.items;
      cursor = page.nextCursor;
    } while (cursor);
  }

  /** Records of all batches of datasets the credential may touch that were validated, newest batch first. */
  async listAll({ limit, cursor, dataset, ...filter }: AnyQuarantineQuery, credential: Credential): Promise<Page<QuarantinedRecordEntity>> {
    const sender = onlySender(credential);
    const query = this.transactions.manager
      .createQueryBuilder(QuarantinedRecordEntity, 'record')
      .innerJoin(BatchEntity, 'batch', `batch.id = record.batch_id and batch.status = 'validated'`)
      .where('batch.dataset_name like any(:patterns)', { patterns: likePatterns(credential.datasets) })
      .orderBy('record.batch_id', 'DESC')
      .addOrderBy('record.row')
      .limit(limit + 1);
    if (dataset !== undefined) query.andWhere('batch.dataset_name = :dataset', { dataset });
    if (sender !== undefined) query.andWhere('batch.sent_by = :sender', { sender });
    if (cursor !== undefined) {
      const [batchId, row] = decodeCursor(cursor, z.tuple([z.uuid(), z.int()]));
      query.andWhere('(record.batch_id < :batchId or (record.batch_id = :batchId and record.row > :row))', { batchId, row });
    }
    narrow(query, filter);
    return pageOf(await query.getMany(), limit, ({ batchId, row }) => [batchId, row]);
  }

  /** What waits in all validated batches of datasets the credential may touch: by dataset, reason and field. */
  async countsOfAll(dataset: string | undefined, { datasets }: Credential) {
    return (await this.transactions.manager.query(
      `select batch.dataset_name as "datasetName", reason->>'code' as code, reason->>'field' as field,
         count(distinct (record.batch_id, record.row))::int as "recordCount", count(distinct record.batch_id)::int as "batchCount"
       from quarantined_records record join batches batch on batch.id = record.batch_id, json_array_elements(record.reasons) as reason
       where record.status = 'waiting' and batch.status = 'validated' and batch.dataset_name like any($1)
         and ($2::text is null or batch.dataset_name = $2)
       group by 1, 2, 3 order by 4 desc, 1, 2, 3 limit 1000`,
      [likePatterns(datasets), dataset ?? null],
    )) as { datasetName: string; code: ReasonCode; field: string | null; recordCount: number; batchCount: number }[];
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

function narrow(query: SelectQueryBuilder<QuarantinedRecordEntity>, { code, field, status }: QuarantineFilter): void {
  if (status !== undefined) query.andWhere('record.status = :status', { status });
  if (code !== undefined || field !== undefined) query.andWhere(hasReason(code, field), { code, field });
}

/** A condition on a record: it has a reason with the code, the field, or both. */
export function hasReason(code: string | undefined, field: string | undefined): string {
  const tests = [
    ...(code === undefined ? [] : [`reason->>'code' = :code`]),
    ...(field === undefined ? [] : [`:field = any(string_to_array(reason->>'field', ','))`]),
  ];
  return `exists (select from json_array_elements(record.reasons) as reason where ${tests.join(' and ')})`;
}
