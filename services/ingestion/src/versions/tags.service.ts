import { datasetTagged } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { DatasetsService } from '../datasets/datasets.service.js';
import { tagNotFound } from '../errors.js';
import { DatasetTagEntity } from './tag.entity.js';

/** Names for dataset versions: each points to one, and may be moved. Every move is an event. */
@Injectable()
export class TagsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly datasets: DatasetsService,
    private readonly clock: Clock,
  ) {}

  async list(datasetName: string): Promise<DatasetTagEntity[]> {
    await this.datasets.get(datasetName);
    return this.transactions.manager.find(DatasetTagEntity, { where: { datasetName }, order: { tag: 'ASC' } });
  }

  async get(datasetName: string, tag: string): Promise<DatasetTagEntity> {
    const found = await this.transactions.manager.findOneBy(DatasetTagEntity, { datasetName, tag });
    if (!found) throw tagNotFound({ dataset: datasetName, tag });
    return found;
  }

  /** Points a tag to a version; where it points there already nothing happens. */
  async set(datasetName: string, tag: string, version: string, taggedBy: string): Promise<DatasetTagEntity> {
    return this.transactions.run(async (manager) => {
      await this.datasets.lock(datasetName);
      await this.datasets.getVersion(datasetName, version);
      const before = await manager.findOneBy(DatasetTagEntity, { datasetName, tag });
      if (before?.version === version) return before;
      const next = manager.create(DatasetTagEntity, { datasetName, tag, version, taggedBy, taggedAt: this.clock.now() });
      await manager.upsert(DatasetTagEntity, next, ['datasetName', 'tag']);
      await this.announce(datasetName, tag, version, before?.version ?? null, taggedBy);
      return next;
    });
  }

  async remove(datasetName: string, tag: string, removedBy: string): Promise<void> {
    await this.transactions.run(async (manager) => {
      await this.datasets.lock(datasetName);
      const { version } = await this.get(datasetName, tag);
      await manager.delete(DatasetTagEntity, { datasetName, tag });
      await this.announce(datasetName, tag, null, version, removedBy);
    });
  }

  private async announce(datasetName: string, tag: string, version: string | null, before: string | null, taggedBy: string): Promise<void> {
    const data = { datasetName, tag, datasetVersion: version, previousVersion: before, taggedBy };
    await this.outbox.publish({ definition: datasetTagged, data });
  }
}
