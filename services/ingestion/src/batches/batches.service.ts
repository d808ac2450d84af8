import { type Credential, likePatterns } from '@bascule/access';
import { batchReceived } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock, decodeCursor, newId, type Page, pageOf } from '@bascule/platform';
import { ObjectStore, type StoredObject } from '@bascule/storage';
import { Injectable } from '@nestjs/common';
import { Not } from 'typeorm';
import { z } from 'zod';
import { canonicalJson } from '../contracts/canonical-json.js';
import { ContractsService } from '../contracts/contracts.service.js';
import { DatasetsService } from '../datasets/datasets.service.js';
import { ObjectHolds } from '../datasets/object-holds.service.js';
import { batchNotFound, contractOutdated } from '../errors.js';
import type { PublishAs } from '../publication/publish-as.js';
import { BatchEntity } from './batch.entity.js';
import type { BatchListQuery, ReadOptions } from './batches.schema.js';

/** What is told about records that arrive. */
export interface Delivery {
  readonly datasetName: string;
  readonly contractName: string;
  readonly contentType: string;
  readonly readOptions?: ReadOptions;
  /** What it does to the dataset; it appends where nothing is said. */
  readonly publishAs?: PublishAs;
  /** Where the labels of labelled predictions came from. */
  readonly labels?: BatchEntity['labels'];
  readonly origin: BatchEntity['origin'];
  readonly sentBy: string;
}

type ContentIdentity = Pick<BatchEntity, 'datasetName' | 'contractName' | 'contractVersion' | 'contentDigest'>;

/** A batch, and whether it is one that had been taken before. */
export interface Receipt {
  readonly batch: BatchEntity;
  readonly isRepeat: boolean;
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
    private readonly holds: ObjectHolds,
    private readonly clock: Clock,
  ) {}

  /** Stores the bytes, then the batch together with its event. */
  async receive(delivery: Delivery, bytes: Uint8Array): Promise<BatchEntity> {
    return (await this.receiveStored(delivery, await this.store.put(bytes), true)).batch;
  }

  /**
   * Makes a batch of content that is in the object store, together with its event. Content that the dataset took before,
   * to be read in the same way under the same version of the contract, is the batch it was, unless it is to be taken again.
   */
  async receiveStored(delivery: Delivery, { digest: contentDigest, sizeBytes }: StoredObject, mayRepeat: boolean): Promise<Receipt> {
    const { datasetName, contractName, contentType, readOptions = {}, origin, sentBy } = delivery;
    const { publishAs = { mode: 'append' }, labels = null } = delivery;
    const contract = await this.contracts.get(contractName);
    const { version: contractVersion } = contract;
    const { outdated } = this.contracts.compile(contract);
    if (outdated !== undefined) throw contractOutdated({ contract: contractName, version: contractVersion }, outdated);
    return this.transactions.run(async (manager) => {
      await this.datasets.ensure(datasetName, contractName);
      const identity = { datasetName, contractName, contractVersion, contentDigest };
      // what takes the place of records may be sent again after others did
      const before = mayRepeat || publishAs.mode !== 'append' ? undefined : await this.findTaken(identity, contentType, readOptions);
      if (before) return { batch: before, isRepeat: true };
      await this.holds.hold([contentDigest, ...(labels ? [labels.digest] : [])]);
      const id = newId();
      const batch = manager.create(BatchEntity, { ...identity, id, contentType, readOptions, sizeBytes, origin, sentBy, publishAs });
      Object.assign(batch, {
        labels,
        status: 'received',
        report: null,
        datasetVersion: null,
        resubmittedBatchId: null,
        receivedAt: this.clock.now(),
        decidedAt: null,
      });
      await manager.insert(BatchEntity, batch);
      await this.outbox.publish({
        definition: batchReceived,
        data: { batchId: id, ...identity, contentType, sizeBytes, origin, sentBy },
      });
      return { batch, isRepeat: false };
    });
  }

  /** A batch of the same content that was neither rejected nor replaced with everything else. Two requests with it follow one another from here to the end of the transaction. */
  private async findTaken(identity: ContentIdentity, contentType: string, readOptions: ReadOptions): Promise<BatchEntity | undefined> {
    const { manager } = this.transactions;
    await manager.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [
      `batch ${identity.datasetName} ${identity.contentDigest}`,
    ]);
    const found = await manager.find(BatchEntity, { where: { ...identity, contentType, status: Not('rejected') }, order: { id: 'ASC' } });
    const alike = found.filter((batch) => canonicalJson(batch.readOptions) === canonicalJson(readOptions));
    if (alike.length === 0) return undefined;
    // what everything was replaced after is not there any more
    const [replaced] = (await manager.query(
      `select id from batches where dataset_name = $1 and publish_as->>'mode' = 'replace' and dataset_version is not null
       order by id desc limit 1`,
      [identity.datasetName],
    )) as { id: string }[];
    return alike.find(({ id }) => !replaced || id >= replaced.id);
  }

  async get(id: string): Promise<BatchEntity> {
    const batch = await this.transactions.manager.findOneBy(BatchEntity, { id });
    if (!batch) throw batchNotFound({ batch: id });
    return batch;
  }

  /** Batches of datasets the credential may touch, newest first. */
  async list(
    { limit, cursor, dataset, contract, contractVersion, status }: BatchListQuery,
    { datasets }: Credential,
  ): Promise<Page<BatchEntity>> {
    const query = this.transactions.manager
      .createQueryBuilder(BatchEntity, 'batch')
      .where('batch.dataset_name like any(:patterns)', { patterns: likePatterns(datasets) })
      .orderBy('batch.id', 'DESC')
      .limit(limit + 1);
    if (dataset !== undefined) query.andWhere('batch.dataset_name = :dataset', { dataset });
    if (contract !== undefined) query.andWhere('batch.contract_name = :contract', { contract });
    if (contractVersion !== undefined) query.andWhere('batch.contract_version = :contractVersion', { contractVersion });
    if (status !== undefined) query.andWhere('batch.status = :status', { status });
    if (cursor !== undefined) query.andWhere('batch.id < :before', { before: decodeCursor(cursor, z.uuid()) });
    return pageOf(await query.getMany(), limit, ({ id }) => id);
  }
}
