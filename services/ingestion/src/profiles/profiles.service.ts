import { setImmediate as nextTurn } from 'node:timers/promises';
import { type DatasetManifest, type DatasetPart, type DatasetProfile, datasetProfile, datasetProfiled } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { ObjectStore, sha256Hex } from '@bascule/storage';
import { Injectable } from '@nestjs/common';
import { IsNull, Not, Or } from 'typeorm';
import { DatasetVersionEntity } from '../datasets/dataset-version.entity.js';
import { DatasetsService } from '../datasets/datasets.service.js';
import { ObjectHolds } from '../datasets/object-holds.service.js';
import { PartRows } from '../publication/part-rows.store.js';
import { PartSketches } from './part-sketches.queries.js';
import { type MergedColumn, mergedColumns, type PartSketch, PartSketcher, profileOf } from './profile-of.js';

/** Profiles of dataset versions: each part is looked at once, and a version brings its parts together. */
@Injectable()
export class ProfilesService {
  constructor(
    private readonly transactions: Transactions,
    private readonly store: ObjectStore,
    private readonly datasets: DatasetsService,
    private readonly rows: PartRows,
    private readonly sketches: PartSketches,
    private readonly holds: ObjectHolds,
    private readonly outbox: Outbox,
  ) {}

  /** The profile of a version; made, and kept in the object store, when it is asked for the first time. */
  async get(datasetName: string, version: string): Promise<{ digest: string; profile: DatasetProfile }> {
    const { profileDigest } = await this.datasets.getVersion(datasetName, version);
    if (profileDigest !== null) {
      const bytes = await this.store.get(profileDigest);
      return { digest: profileDigest, profile: datasetProfile.parse(JSON.parse(bytes.toString('utf8'))) };
    }
    return this.make(datasetName, version);
  }

  /** What the columns of a version hold, with and without a label. */
  async columnsOf(manifest: DatasetManifest): Promise<MergedColumn[]> {
    const columnsDigest = sha256Hex(Buffer.from(JSON.stringify(manifest.columns)));
    const parts: { sketch: PartSketch; rowCount: number }[] = [];
    for (const part of manifest.parts) {
      const { datasetName } = manifest;
      const known = await this.sketches.find(datasetName, part.digest, columnsDigest);
      const sketch = known ?? (await this.sketchOf(part, manifest));
      if (!known) await this.sketches.keep(datasetName, part.digest, columnsDigest, sketch);
      parts.push({ sketch, rowCount: part.rowCount });
    }
    return mergedColumns(manifest.columns, parts);
  }

  private async make(datasetName: string, version: string): Promise<{ digest: string; profile: DatasetProfile }> {
    const manifest = await this.datasets.manifestOf(version);
    const profile = profileOf(version, manifest, await this.columnsOf(manifest));
    const { digest } = await this.store.put(Buffer.from(JSON.stringify(profile)));
    await this.transactions.run(async (manager) => {
      await this.holds.hold([digest]);
      const { affected } = await manager.update(
        DatasetVersionEntity,
        { datasetName, version, profileDigest: Or(IsNull(), Not(digest)) },
        { profileDigest: digest },
      );
      // another replica made the same
      if (affected !== 1) return;
      const { rowCount, labelledCount } = profile;
      const data = { datasetName, datasetVersion: version, profileDigest: digest, rowCount, labelledCount };
      await this.outbox.publish({ definition: datasetProfiled, data });
    });
    return { digest, profile };
  }

  private async sketchOf(part: DatasetPart, { columns }: DatasetManifest): Promise<PartSketch> {
    const sketcher = new PartSketcher(columns);
    for await (const block of this.rows.blocks(part, columns)) {
      for (const values of block) sketcher.add(values);
      await nextTurn();
    }
    return sketcher.result();
  }
}
