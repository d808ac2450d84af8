import { Transactions } from '@bascule/database';
import { Injectable } from '@nestjs/common';

/** Where ingestion keeps records beside dataset versions. */
@Injectable()
export class Leftovers {
  constructor(private readonly transactions: Transactions) {}

  /** Blanks refused records of a dataset in which one of the fields has one of the values. @returns how many */
  async blankQuarantine(datasetName: string, fields: readonly string[], values: readonly string[], by: string): Promise<number> {
    const [rows] = (await this.transactions.manager.query(
      `update quarantined_records q set record = '{}', raw = null, reasons = (
           select coalesce(json_agg(json_build_object('code', reason->>'code', 'message', 'the record was erased')), '[]')
           from json_array_elements(q.reasons) as reason),
         status = case when q.status = 'waiting' then 'discarded' else q.status end,
         settled_by = coalesce(q.settled_by, $4), settled_at = coalesce(q.settled_at, now()), settled_reason = 'erased'
       from batches b
       where b.id = q.batch_id and b.dataset_name = $1 and json_typeof(q.record) = 'object'
         and exists (select from json_each_text(q.record) as field where trim(field.key) = any($2) and trim(field.value) = any($3))
       returning q.row`,
      [datasetName, fields, values, by],
    )) as [unknown[], number];
    return rows.length;
  }

  /** Drops labelled and pushed rows that wait to become a batch. @returns how many */
  async dropWaiting(datasetName: string, fields: readonly string[], values: readonly string[]): Promise<number> {
    let dropped = 0;
    for (const name of ['pending_rows', 'pushed_records']) {
      const [rows] = (await this.transactions.manager.query(
        `delete from ${name} as waiting where dataset_name = $1 and json_typeof(record) = 'object'
           and exists (select from json_each_text(record) as field where trim(field.key) = any($2) and trim(field.value) = any($3))
         returning 1`,
        [datasetName, fields, values],
      )) as [unknown[], number];
      dropped += rows.length;
    }
    return dropped;
  }

  /** Digests of the content that decided batches were sent as: those of the given parts, and those with such refused records. */
  async contentsOf(
    datasetName: string,
    batchIds: readonly string[],
    fields: readonly string[],
    values: readonly string[],
  ): Promise<string[]> {
    const rows = (await this.transactions.manager.query(
      `select distinct b.content_digest as digest, b.report->'repairs'->>'digest' as repairs from batches b
       where b.dataset_name = $1 and b.status <> 'received' and (b.id = any($2) or exists (
         select from quarantined_records q where q.batch_id = b.id and json_typeof(q.record) = 'object'
           and exists (select from json_each_text(q.record) as field where trim(field.key) = any($3) and trim(field.value) = any($4))))`,
      [datasetName, batchIds, fields, values],
    )) as { digest: string; repairs: string | null }[];
    // what was repaired is kept as it was sent, too
    return rows.flatMap(({ digest, repairs }) => (repairs === null ? [digest] : [digest, repairs]));
  }

  /** Those of the digests that are still needed elsewhere: as the content of a batch that waits, or of a batch of another dataset. */
  async neededContents(datasetName: string, digests: readonly string[]): Promise<Set<string>> {
    const rows = (await this.transactions.manager.query(
      `select distinct content_digest as digest from batches
       where content_digest = any($2) and (dataset_name <> $1 or status = 'received')`,
      [datasetName, digests],
    )) as { digest: string }[];
    return new Set(rows.map(({ digest }) => digest));
  }

  /** All versions but the given ones. */
  async otherVersions(versions: readonly string[]): Promise<string[]> {
    const rows = (await this.transactions.manager.query('select distinct version from dataset_versions where not (version = any($1))', [
      versions,
    ])) as { version: string }[];
    return rows.map(({ version }) => version);
  }
}
