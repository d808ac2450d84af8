import { type DatasetChange, type DatasetManifest, type DatasetPart, datasetPublished } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock } from '@bascule/platform';
import { ObjectStore } from '@bascule/storage';
import { Injectable } from '@nestjs/common';
import type { BatchEntity } from '../batches/batch.entity.js';
import type { CompiledContract } from '../contracts/compile-contract.js';
import { DatasetEntity } from '../datasets/dataset.entity.js';
import { DatasetVersionEntity } from '../datasets/dataset-version.entity.js';
import { DatasetsService } from '../datasets/datasets.service.js';
import { manifestOf } from '../datasets/manifest.js';
import { ObjectHolds } from '../datasets/object-holds.service.js';
import type { StoredPart } from '../datasets/part-upload.js';
import { ReplacementService } from './replacement.service.js';

/** What a version is made of. */
export interface Publication {
  readonly dataset: DatasetEntity;
  readonly identity: Pick<DatasetManifest, 'contractName' | 'contractVersion' | 'columns'>;
  readonly parts: readonly DatasetPart[];
  readonly change: DatasetChange;
  /** The batch whose records are new in it; none where rows are only taken out. */
  readonly batchId: string | null;
  readonly newLabelledCount: number;
}

/** Makes dataset versions. The caller holds the lock of the dataset and the transaction. */
@Injectable()
export class PublicationService {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly store: ObjectStore,
    private readonly datasets: DatasetsService,
    private readonly holds: ObjectHolds,
    private readonly replacement: ReplacementService,
    private readonly clock: Clock,
  ) {}

  /** Publishes the version that an accepted batch makes of its dataset. @returns the version, the current one where nothing changes, and how many records left it */
  async publishBatch(
    dataset: DatasetEntity,
    batch: BatchEntity,
    contract: CompiledContract,
    stored: StoredPart,
  ): Promise<{ version: string; removedCount: number }> {
    const parent = dataset.currentVersion === null ? undefined : await this.datasets.manifestOf(dataset.currentVersion);
    const labels = batch.labels ? { labels: batch.labels } : {};
    const part: DatasetPart = { ...stored, batchId: batch.id, origin: batch.origin, ...labels };
    const { kept, change } = await this.replacement.apply(parent, batch, contract, part);
    const { contractName, contractVersion } = batch;
    const identity = { contractName, contractVersion, columns: [...contract.columns] };
    const parts = [...kept, part];
    // the same rows in the place of themselves are no new version
    if (parent && change.kind !== 'append' && isSame(parent.parts, parts)) return { version: dataset.currentVersion!, removedCount: 0 };
    // a row that is corrected may have had its label before
    const newLabelledCount = change.kind === 'correction' ? Math.max(0, labelledIn(parts) - labelledIn(parent!.parts)) : part.labelledCount;
    const version = await this.publish({ dataset, identity, parts, change, batchId: batch.id, newLabelledCount });
    return { version, removedCount: change.removedCount };
  }

  /** Publishes a version of given parts. @returns the version */
  async publish({ dataset, identity, parts, change, batchId, newLabelledCount }: Publication): Promise<string> {
    const { name: datasetName, currentVersion: parentVersion } = dataset;
    const manifest = manifestOf({ ...identity, datasetName, parentVersion, parts, change });
    await this.holdNew(parentVersion, parts);
    const { digest: version } = await this.store.put(Buffer.from(JSON.stringify(manifest)));
    await this.holds.hold([version]);
    const { contractName, contractVersion, rowCount, labelledCount, occurredFrom, occurredTo } = manifest;
    const facts = { datasetName, parentVersion, contractName, contractVersion, rowCount, labelledCount, newLabelledCount };
    await this.transactions.run(async (manager) => {
      const [{ sequence }] = (await manager.query(
        'select coalesce(max(sequence), 0)::int + 1 as sequence from dataset_versions where dataset_name = $1',
        [datasetName],
      )) as [{ sequence: number }];
      await manager.insert(DatasetVersionEntity, {
        ...{ ...facts, version, sequence, batchId, changeKind: change.kind, removedCount: change.removedCount },
        ...{ contentRoot: manifest.contentRoot!, profileDigest: null, createdAt: this.clock.now() },
        ...{ occurredFrom: new Date(occurredFrom), occurredTo: new Date(occurredTo) },
      });
      await manager.update(DatasetEntity, { name: datasetName }, { currentVersion: version, updatedAt: this.clock.now() });
      await this.outbox.publish({
        definition: datasetPublished,
        data: { ...facts, datasetVersion: version, occurredFrom, occurredTo, batchIds: batchId === null ? [] : [batchId], change },
      });
    });
    return version;
  }

  /** A new part may be what an erasure is just about to remove: the same rows are the same part. */
  private async holdNew(parentVersion: string | null, parts: readonly DatasetPart[]): Promise<void> {
    const before = parentVersion === null ? [] : (await this.datasets.manifestOf(parentVersion)).parts;
    const known = new Set(before.map(({ digest }) => digest));
    await this.holds.hold(parts.flatMap(({ digest }) => (known.has(digest) ? [] : [digest])));
  }
}

function isSame(before: readonly DatasetPart[], after: readonly DatasetPart[]): boolean {
  return before.length === after.length && before.every(({ digest }, at) => digest === after[at]!.digest);
}

function labelledIn(parts: readonly DatasetPart[]): number {
  return parts.reduce((sum, { labelledCount }) => sum + labelledCount, 0);
}
