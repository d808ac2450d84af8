import { Transactions } from '@bascule/database';
import { Injectable } from '@nestjs/common';
import { shownRows } from '../validation/sorting.service.js';
import { standsIn } from './stands-in.js';

/** A record in quarantine. */
export interface QuarantinedRow {
  readonly batchId: string;
  readonly row: number;
}

/** A condition on a JSON record: one of the fields has one of the values, spaces around them apart. */
function hasField(record: string, fields: string, values: string): string {
  return `(json_typeof(${record}) = 'object'
    and exists (select from json_each_text(${record}) as field where trim(field.key) = any(${fields}) and trim(field.value) = any(${values})))`;
}

/** Where ingestion keeps records beside dataset versions. */
@Injectable()
export class Leftovers {
  constructor(private readonly transactions: Transactions) {}

  /**
   * Blanks refused records of a dataset in which one of the fields has one of the values, and those that could not be read in which
   * a value stands as a word: nobody can say that they are somebody else's. @returns how many
   */
  async blankQuarantine(
    datasetName: string,
    fields: readonly string[],
    values: readonly string[],
    unreadable: readonly QuarantinedRow[],
    by: string,
  ): Promise<number> {
    const [rows] = (await this.transactions.manager.query(
      `update quarantined_records q set record = '{}', raw = null, reasons = (
           select coalesce(json_agg(json_build_object('code', reason->>'code', 'message', 'the record was erased')), '[]')
           from json_array_elements(q.reasons) as reason),
         status = case when q.status = 'waiting' then 'discarded' else q.status end,
         settled_by = coalesce(q.settled_by, $4), settled_at = coalesce(q.settled_at, now()), settled_reason = 'erased'
       from batches b
       where b.id = q.batch_id and b.dataset_name = $1 and (
         ${hasField('q.record', '$2', '$3')} or (q.batch_id, q.row) in (select * from unnest($5::uuid[], $6::int[])))
       returning q.row`,
      [datasetName, fields, values, by, unreadable.map(({ batchId }) => batchId), unreadable.map(({ row }) => row)],
    )) as [unknown[], number];
    return rows.length;
  }

  /** Records of a dataset that could not be read, and in which one of the values stands as a word of its own. */
  async unreadableWith(datasetName: string, values: readonly string[]): Promise<QuarantinedRow[]> {
    const rows = (await this.transactions.manager.query(
      `select q.batch_id as "batchId", q.row, concat(q.record->>'raw', ' ', q.raw) as text from quarantined_records q join batches b on b.id = q.batch_id
       where b.dataset_name = $1 and json_typeof(q.record) = 'object' and q.record->>'raw' is not null
         and exists (select from json_array_elements(q.reasons) as reason where reason->>'code' = 'unparsable_row')
         and exists (select from unnest($2::text[]) as value where position(value in concat(q.record->>'raw', ' ', q.raw)) > 0)`,
      [datasetName, values],
    )) as (QuarantinedRow & { text: string })[];
    return rows.filter(({ text }) => values.some((value) => standsIn(text, value)));
  }

  /** Drops labelled and pushed rows that wait to become a batch. @returns how many */
  async dropWaiting(datasetName: string, fields: readonly string[], values: readonly string[]): Promise<number> {
    let dropped = 0;
    for (const name of ['pending_rows', 'pushed_records']) {
      const [rows] = (await this.transactions.manager.query(
        `delete from ${name} as waiting where dataset_name = $1 and ${hasField('record', '$2', '$3')} returning 1`,
        [datasetName, fields, values],
      )) as [unknown[], number];
      dropped += rows.length;
    }
    return dropped;
  }

  /** Decided batches with such refused records. */
  async batchesRefusing(datasetName: string, fields: readonly string[], values: readonly string[]): Promise<string[]> {
    const rows = (await this.transactions.manager.query(
      `select b.id from batches b where b.dataset_name = $1 and b.status <> 'received' and exists (
         select from quarantined_records q where q.batch_id = b.id and ${hasField('q.record', '$2', '$3')})`,
      [datasetName, fields, values],
    )) as { id: string }[];
    return rows.map(({ id }) => id);
  }

  /** Decided batches, other than the given ones, with records that are nowhere but in what was sent: rejected ones, and dropped duplicates. */
  async batchesToSearch(datasetName: string, known: readonly string[]): Promise<string[]> {
    const rows = (await this.transactions.manager.query(
      `select id from batches where dataset_name = $1 and not (id = any($2))
         and (status = 'rejected' or (report->'balance'->>'dropped')::bigint > $3) order by id`,
      [datasetName, known, shownRows],
    )) as { id: string }[];
    return rows.map(({ id }) => id);
  }

  /** Digests of what batches were sent as, and of what was repaired in them; their reports quote no flagged value any more. */
  async contentsOf(batchIds: readonly string[]): Promise<string[]> {
    const [rows] = (await this.transactions.manager.query(
      `update batches set report = case when report->'flags' is null then report
           else jsonb_set(report::jsonb, '{flags,examples}', '[]')::json end
       where id = any($1) and status <> 'received' returning content_digest as digest, report->'repairs'->>'digest' as repairs`,
      [batchIds],
    )) as [{ digest: string; repairs: string | null }[], number];
    // what was repaired is kept as it was sent, too
    return rows.flatMap(({ digest, repairs }) => (repairs === null ? [digest] : [digest, repairs]));
  }

  /** Those of the digests that are still needed: by a batch that waits, that came after the erasure, or that is of another dataset. */
  async neededContents(datasetName: string, erasedAt: Date, digests: readonly string[]): Promise<Set<string>> {
    const rows = (await this.transactions.manager.query(
      `select content_digest as digest, report->'repairs'->>'digest' as repairs from batches
       where (content_digest = any($3) or report->'repairs'->>'digest' = any($3))
         and (dataset_name <> $1 or status = 'received' or received_at > $2)`,
      [datasetName, erasedAt, digests],
    )) as { digest: string; repairs: string | null }[];
    return new Set(rows.flatMap(({ digest, repairs }) => (repairs === null ? [digest] : [digest, repairs])));
  }

  /** Profiles of versions, also those that were made after the erasure. */
  async profilesOf(versions: readonly string[]): Promise<string[]> {
    const rows = (await this.transactions.manager.query(
      'select distinct profile_digest as digest from dataset_versions where version = any($1) and profile_digest is not null',
      [versions],
    )) as { digest: string }[];
    return rows.map(({ digest }) => digest);
  }

  /** All versions but the given ones. */
  async otherVersions(versions: readonly string[]): Promise<string[]> {
    const rows = (await this.transactions.manager.query('select distinct version from dataset_versions where not (version = any($1))', [
      versions,
    ])) as { version: string }[];
    return rows.map(({ version }) => version);
  }
}
