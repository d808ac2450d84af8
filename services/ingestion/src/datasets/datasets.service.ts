import { type Credential, likePatterns } from '@bascule/access';
import { type DatasetManifest, datasetManifest, entityName } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { decodeCursor, type Page, type PageQuery, pageOf } from '@bascule/platform';
import { ObjectStore } from '@bascule/storage';
import { Injectable } from '@nestjs/common';
import { LessThanOrEqual } from 'typeorm';
import { z } from 'zod';
import type { BatchEntity } from '../batches/batch.entity.js';
import type { CompiledContract } from '../contracts/compile-contract.js';
import { contractMismatch, datasetNotFound, datasetVersionNotFound } from '../errors.js';
import { DatasetEntity } from './dataset.entity.js';
import { DatasetVersionEntity } from './dataset-version.entity.js';
import { PartUpload } from './part-upload.js';

/** Datasets and their immutable versions. */
@Injectable()
export class DatasetsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly store: ObjectStore,
  ) {}

  /** Makes the dataset with its first batch and binds it to the contract. */
  async ensure(name: string, contractName: string): Promise<void> {
    const { manager } = this.transactions;
    await manager.query('insert into datasets (name, contract_name) values ($1, $2) on conflict (name) do nothing', [name, contractName]);
    const dataset = await this.get(name);
    if (dataset.contractName !== contractName) throw contractMismatch({ dataset: name, contract: dataset.contractName });
  }

  /** Holds the dataset until the transaction ends, so that batches of one dataset follow one another. */
  async lock(name: string): Promise<DatasetEntity> {
    return this.transactions.run(async (manager) => {
      // the weaker lock: batches that arrive meanwhile refer to the dataset and need not wait
      const dataset = await manager.findOne(DatasetEntity, { where: { name }, lock: { mode: 'for_no_key_update' } });
      if (!dataset) throw datasetNotFound({ dataset: name });
      return dataset;
    });
  }

  /** The part that takes the accepted rows of a batch. */
  newPart(batch: BatchEntity, contract: CompiledContract): PartUpload {
    return new PartUpload(this.store, contract, batch.receivedAt);
  }

  async get(name: string): Promise<DatasetEntity> {
    const dataset = await this.transactions.manager.findOneBy(DatasetEntity, { name });
    if (!dataset) throw datasetNotFound({ dataset: name });
    return dataset;
  }

  /** Datasets the credential may touch, by name. */
  async list({ limit, cursor }: PageQuery, { datasets }: Credential): Promise<Page<DatasetEntity>> {
    const after = cursor === undefined ? '' : decodeCursor(cursor, entityName);
    const rows = await this.transactions.manager
      .createQueryBuilder(DatasetEntity, 'dataset')
      .where('dataset.name > :after', { after })
      .andWhere('dataset.name like any(:patterns)', { patterns: likePatterns(datasets) })
      .orderBy('dataset.name')
      .limit(limit + 1)
      .getMany();
    return pageOf(rows, limit, ({ name }) => name);
  }

  /** Versions of a dataset, newest first. */
  async listVersions(datasetName: string, { limit, cursor }: PageQuery): Promise<Page<DatasetVersionEntity>> {
    await this.get(datasetName);
    const before = cursor === undefined ? 2 ** 31 - 1 : decodeCursor(cursor, z.int());
    const rows = await this.transactions.manager
      .createQueryBuilder(DatasetVersionEntity, 'version')
      .where('version.dataset_name = :datasetName and version.sequence < :before', { datasetName, before })
      .orderBy('version.sequence', 'DESC')
      .limit(limit + 1)
      .getMany();
    return pageOf(rows, limit, ({ sequence }) => sequence);
  }

  async getVersion(datasetName: string, version: string): Promise<DatasetVersionEntity> {
    const found = await this.transactions.manager.findOneBy(DatasetVersionEntity, { datasetName, version });
    if (!found) throw datasetVersionNotFound({ dataset: datasetName, version });
    return found;
  }

  /** The version that was current at a time. */
  async versionAt(datasetName: string, time: Date): Promise<DatasetVersionEntity> {
    await this.get(datasetName);
    const where = { datasetName, createdAt: LessThanOrEqual(time) };
    const found = await this.transactions.manager.findOne(DatasetVersionEntity, { where, order: { sequence: 'DESC' } });
    if (!found) throw datasetVersionNotFound({ dataset: datasetName, time: time.toISOString() });
    return found;
  }

  /** Reads a manifest from the object store. */
  async manifestOf(version: string): Promise<DatasetManifest> {
    return datasetManifest.parse(JSON.parse((await this.store.get(version)).toString('utf8')));
  }
}
