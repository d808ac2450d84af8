import type { DatasetPublished } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Injectable } from '@nestjs/common';
import { DatasetVersionEntity } from './dataset-version.entity.js';

/** The dataset versions that ingestion published, as far as training has heard. */
@Injectable()
export class DatasetsService {
  constructor(private readonly transactions: Transactions) {}

  /** Remembers a version; a second time changes nothing. */
  async record({ data, time, entityversion }: DatasetPublished): Promise<void> {
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
}
