import type { DatasetPublished } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Injectable } from '@nestjs/common';
import { DatasetVersionEntity } from './dataset-version.entity.js';

/** The dataset versions that ingestion published, as far as training has heard. */
@Injectable()
export class DatasetsService {
  constructor(private readonly transactions: Transactions) {}

  /**
   * Until the transaction ends, no version of a dataset arrives and no pipeline for it is made: each of the two, done at once,
   * would not see the other. To be taken before the lock of a pipeline.
   */
  async lock(datasetName: string): Promise<void> {
    await this.transactions.manager.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`dataset ${datasetName}`]);
  }

  /** Remembers a version; a second time changes nothing. */
  async record({ data, time, entityversion }: DatasetPublished): Promise<void> {
    await this.lock(data.datasetName);
    await this.transactions.manager
      .createQueryBuilder()
      .insert()
      .into(DatasetVersionEntity)
      .values({
        datasetName: data.datasetName,
        version: data.datasetVersion,
        rowCount: data.rowCount,
        labelledCount: data.labelledCount,
        occurredFrom: new Date(data.occurredFrom),
        occurredTo: new Date(data.occurredTo),
        publishedAt: new Date(time),
        batchIds: data.batchIds,
        sequence: String(entityversion ?? Date.parse(time)),
      })
      .orIgnore()
      .execute();
  }

  /** The version published last; events may arrive in another order. */
  async findLatest(datasetName: string): Promise<DatasetVersionEntity | null> {
    return this.transactions.manager.findOne(DatasetVersionEntity, {
      where: { datasetName },
      order: { sequence: 'DESC', publishedAt: 'DESC' },
    });
  }

  async find(datasetName: string, version: string): Promise<DatasetVersionEntity | null> {
    return this.transactions.manager.findOneBy(DatasetVersionEntity, { datasetName, version });
  }

  /** Batches of all versions after one up to another; of every version up to it when there is none before. */
  async batchesBetween(after: DatasetVersionEntity | null, upTo: DatasetVersionEntity): Promise<string[]> {
    const rows: { batch_id: string }[] = await this.transactions.manager.query(
      `select distinct jsonb_array_elements_text(batch_ids) as batch_id from dataset_versions
       where dataset_name = $1 and sequence <= $2 and ($3::bigint is null or sequence > $3)`,
      [upTo.datasetName, upTo.sequence, after?.datasetName === upTo.datasetName ? after.sequence : null],
    );
    return rows.map((row) => row.batch_id);
  }
}
