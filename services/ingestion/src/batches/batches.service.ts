import { type Credential, likePatterns } from '@bascule/access';
import { batchReceived } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock, decodeCursor, newId, type Page, pageOf } from '@bascule/platform';
import { ObjectStore } from '@bascule/storage';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { ContractsService } from '../contracts/contracts.service.js';
import { DatasetsService } from '../datasets/datasets.service.js';
import { batchNotFound } from '../errors.js';
import { BatchEntity } from './batch.entity.js';
import type { BatchListQuery } from './batches.schema.js';
import type { ContentType } from './content-type.js';

/** Records as they arrive. */
export interface Delivery {
  readonly datasetName: string;
  readonly contractName: string;
  readonly contentType: ContentType;
  readonly bytes: Uint8Array;
  readonly origin: BatchEntity['origin'];
  readonly sentBy: string;
}

/** Batches: kept as they were sent, then validated when their event comes round. */
@Injectable()
export class BatchesService {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly store: ObjectStore,
    private readonly contracts: ContractsService,
    private readonly datasets: DatasetsService,
    private readonly clock: Clock,
  ) {}

  /** Stores the bytes, then the batch together with its event. */
  async receive({ bytes, ...delivery }: Delivery): Promise<BatchEntity> {
    const { datasetName, contractName, contentType, origin, sentBy } = delivery;
    const { version: contractVersion } = await this.contracts.get(contractName);
    const { digest: contentDigest, sizeBytes } = await this.store.put(bytes);
    return this.transactions.run(async (manager) => {
      await this.datasets.ensure(datasetName, contractName);
      const id = newId();
      const batch = manager.create(BatchEntity, { ...delivery, id, contractVersion, contentDigest, sizeBytes });
      Object.assign(batch, { status: 'received', report: null, datasetVersion: null, receivedAt: this.clock.now(), decidedAt: null });
      await manager.insert(BatchEntity, batch);
      await this.outbox.publish({
        definition: batchReceived,
        data: { batchId: id, datasetName, contractName, contractVersion, contentDigest, contentType, sizeBytes, origin, sentBy },
      });
      return batch;
    });
  }

  async get(id: string): Promise<BatchEntity> {
    const batch = await this.transactions.manager.findOneBy(BatchEntity, { id });
    if (!batch) throw batchNotFound({ batch: id });
    return batch;
  }

  /** Batches of datasets the credential may touch, newest first. */
  async list({ limit, cursor, dataset }: BatchListQuery, { datasets }: Credential): Promise<Page<BatchEntity>> {
    const query = this.transactions.manager
      .createQueryBuilder(BatchEntity, 'batch')
      .where('batch.dataset_name like any(:patterns)', { patterns: likePatterns(datasets) })
      .orderBy('batch.id', 'DESC')
      .limit(limit + 1);
    if (dataset !== undefined) query.andWhere('batch.dataset_name = :dataset', { dataset });
    if (cursor !== undefined) query.andWhere('batch.id < :before', { before: decodeCursor(cursor, z.uuid()) });
    return pageOf(await query.getMany(), limit, ({ id }) => id);
  }
}
