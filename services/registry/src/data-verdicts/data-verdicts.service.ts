import type { BatchValidated, DatasetPublished } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Injectable } from '@nestjs/common';
import type { DataEvidence } from './data-rules.js';

/** What ingestion found about batches and dataset versions, kept for those who decide about models made from them. */
@Injectable()
export class DataVerdictsService {
  constructor(private readonly transactions: Transactions) {}

  async noteBatch({ batchId, recordCount, quarantinedCount }: BatchValidated['data']): Promise<void> {
    await this.transactions.run((manager) =>
      manager.query('insert into data_batches values ($1, $2, $3) on conflict do nothing', [batchId, recordCount, quarantinedCount]),
    );
  }

  async noteVersion(published: DatasetPublished['data']): Promise<void> {
    const { datasetVersion, datasetName, parentVersion, batchIds, rowCount, labelledCount } = published;
    await this.transactions.run((manager) =>
      manager.query('insert into data_versions values ($1, $2, $3, $4, $5, $6) on conflict do nothing', [
        datasetVersion,
        datasetName,
        parentVersion,
        batchIds,
        rowCount,
        labelledCount,
      ]),
    );
  }

  /** What is known of a dataset version and all it grew from; undefined when it, or one of those before it, was never heard of. */
  async find(datasetVersion: string): Promise<DataEvidence | undefined> {
    const [row] = (await this.transactions.manager.query(
      `with recursive line as (
         select dataset_version, parent_version, batch_ids, labelled_count, 0 as step from data_versions where dataset_version = $1
         union all
         select v.dataset_version, v.parent_version, v.batch_ids, v.labelled_count, step + 1
           from line join data_versions v on v.dataset_version = line.parent_version
       ), batches as (select distinct unnest(batch_ids) as batch_id from line)
       select (select labelled_count from line where step = 0) as labelled,
         exists (select from line where parent_version is not null
           and not exists (select from line other where other.dataset_version = line.parent_version)) as is_cut_off,
         count(*)::int as batches, count(b.batch_id)::int as judged,
         coalesce(sum(b.record_count), 0) as records, coalesce(sum(b.quarantined_count), 0) as quarantined
       from batches left join data_batches b using (batch_id)`,
      [datasetVersion],
    )) as Record<string, unknown>[];
    if (!row || row['labelled'] === null || row['is_cut_off'] === true) return undefined;
    return {
      datasetVersion,
      labelledRows: Number(row['labelled']),
      batchCount: Number(row['batches']),
      judgedCount: Number(row['judged']),
      recordCount: Number(row['records']),
      quarantinedCount: Number(row['quarantined']),
    };
  }
}
