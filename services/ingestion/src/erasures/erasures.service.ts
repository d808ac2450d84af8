import { type DatasetManifest, type DatasetPart, recordsErased } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock, CONFIG, decodeCursor, newId, type Page, type PageQuery, pageOf } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import { LessThan } from 'typeorm';
import { z } from 'zod';
import type { Config } from '../config.js';
import type { CompiledContract } from '../contracts/compile-contract.js';
import { ContractsService } from '../contracts/contracts.service.js';
import type { DatasetEntity } from '../datasets/dataset.entity.js';
import { DatasetVersionEntity } from '../datasets/dataset-version.entity.js';
import { DatasetsService } from '../datasets/datasets.service.js';
import { erasureInvalid } from '../errors.js';
import { PartSketches } from '../profiles/part-sketches.queries.js';
import { DatasetKeys } from '../publication/dataset-keys.queries.js';
import { PublicationService } from '../publication/publication.service.js';
import { RewriteService, type Rewritten } from '../publication/rewrite.service.js';
import type { CellValue } from '../validation/column-rule.js';
import { NearTexts } from '../validation/near-texts.queries.js';
import { ContentSearch } from './content-search.service.js';
import { ErasureEntity } from './erasure.entity.js';
import type { ErasureBody } from './erasures.schema.js';
import { Leftovers } from './leftovers.queries.js';

/** Takes a person's records out of a dataset: a new version without them at once, and what older versions were made of by retention. */
@Injectable()
export class ErasuresService {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly contracts: ContractsService,
    private readonly datasets: DatasetsService,
    private readonly publication: PublicationService,
    private readonly rewrite: RewriteService,
    private readonly keys: DatasetKeys,
    private readonly sketches: PartSketches,
    private readonly leftovers: Leftovers,
    private readonly search: ContentSearch,
    private readonly nearTexts: NearTexts,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Erases in one transaction, under the lock of the dataset: batches follow. */
  async erase(datasetName: string, { column, values, reason }: ErasureBody, erasedBy: string): Promise<ErasureEntity> {
    return this.transactions.run(async (manager) => {
      const dataset = await this.datasets.lock(datasetName);
      const contract = await this.contractOf(dataset, column);
      const at = contract.rules.findIndex(({ name }) => name === column);
      if (at < 0) throw erasureInvalid({ dataset: datasetName }, `the contract ${dataset.contractName} has no column ${column}`);
      if (contract.rules[at]!.role === 'label')
        throw erasureInvalid({ dataset: datasetName }, `${column} is the label, which tells no person`);
      const texts = new Set(values.map(String));
      const leaves = (row: readonly CellValue[]) => row[at] !== null && texts.has(String(row[at]));
      const { version, rewritten } = await this.publishWithout(dataset, contract, leaves);
      const affected = await this.affectedBy(datasetName, contract, leaves);
      const fields = [column, contract.rules[at]!.header];
      const parts = affected.flatMap((each) => each.parts);
      const batchIds = [...new Set(parts.map(({ batchId }) => batchId))];
      const unreadable = await this.leftovers.unreadableWith(datasetName, [...texts]);
      const refusing = await this.leftovers.batchesRefusing(datasetName, fields, [...texts]);
      const having = [...new Set([...batchIds, ...refusing, ...unreadable.map(({ batchId }) => batchId)])];
      const unseen = await this.search.having(await this.leftovers.batchesToSearch(datasetName, having), column, texts);
      const contents = await this.leftovers.contentsOf([...having, ...unseen]);
      await this.nearTexts.forget(datasetName, [...having, ...unseen]);
      const blanked = await this.leftovers.blankQuarantine(datasetName, fields, [...texts], unreadable, erasedBy);
      const dropped = await this.leftovers.dropWaiting(datasetName, fields, [...texts]);
      const now = this.clock.now();
      const erasure = manager.create(ErasureEntity, {
        ...{ id: newId(), datasetName, columnName: column, removedCount: rewritten?.removedCount ?? 0, otherCount: blanked + dropped },
        ...{ datasetVersion: version, affectedVersions: affected.map((each) => each.version), reason, erasedBy, erasedAt: now },
        objects: [...new Set([...parts.map(({ digest }) => digest), ...affected.flatMap(({ profile }) => profile ?? []), ...contents])],
        removalDueAt: new Date(now.getTime() + this.config.ERASED_PARTS_HOURS * 3_600_000),
        removedAt: null,
      });
      await manager.insert(ErasureEntity, erasure);
      await this.sketches.forget(
        datasetName,
        parts.map(({ digest }) => digest),
      );
      const { id: erasureId, removedCount, otherCount, affectedVersions, removalDueAt } = erasure;
      const facts = {
        erasureId,
        datasetName,
        column,
        removedCount,
        otherCount,
        datasetVersion: version,
        affectedVersions,
        reason,
        erasedBy,
      };
      await this.outbox.publish({ definition: recordsErased, data: { ...facts, removalDueAt: removalDueAt.toISOString() } });
      return erasure;
    });
  }

  async list(datasetName: string, { limit, cursor }: PageQuery): Promise<Page<ErasureEntity>> {
    await this.datasets.get(datasetName);
    const before = cursor === undefined ? {} : { id: LessThan(decodeCursor(cursor, z.uuid())) };
    const rows = await this.transactions.manager.find(ErasureEntity, {
      where: { datasetName, ...before },
      order: { id: 'DESC' },
      take: limit + 1,
    });
    return pageOf(rows, limit, ({ id }) => id);
  }

  /** The contract of the current version, under which the next one stays; the newest where only that has the column. */
  private async contractOf({ contractName, currentVersion }: DatasetEntity, column: string): Promise<CompiledContract> {
    const newest = this.contracts.compile(await this.contracts.get(contractName));
    if (currentVersion === null) return newest;
    const { contractVersion } = await this.datasets.manifestOf(currentVersion);
    const held = this.contracts.compile(await this.contracts.get(contractName, contractVersion));
    return held.rules.some(({ name }) => name === column) ? held : newest;
  }

  private async publishWithout(
    dataset: DatasetEntity,
    contract: CompiledContract,
    leaves: (row: readonly CellValue[]) => boolean,
  ): Promise<{ version: string | null; rewritten?: Rewritten }> {
    if (dataset.currentVersion === null) return { version: null };
    const parent = await this.datasets.manifestOf(dataset.currentVersion);
    const onLeaving = (rows: readonly CellValue[][]) => this.keys.forget(dataset.name, contract, rows);
    const rewritten = await this.rewrite.without(parent, contract, {
      mayTouch: () => true,
      leaving: (rows) => rows.map(leaves),
      onLeaving,
    });
    if (rewritten.removedCount === 0) return { version: null, rewritten };
    const parts = rewritten.parts.length > 0 ? rewritten.parts : [await this.rewrite.emptyPart(rewritten.replaced[0]!, contract)];
    const { contractName, contractVersion } = parent;
    const identity = { contractName, contractVersion, columns: [...contract.columns] };
    const change = { kind: 'erasure', removedCount: rewritten.removedCount } as const;
    const version = await this.publication.publish({ dataset, identity, parts, change, batchId: null, newLabelledCount: 0 });
    return { version, rewritten };
  }

  /** Versions with a part that has such rows, those parts, and their profiles. Each part is read once. */
  private async affectedBy(
    datasetName: string,
    contract: CompiledContract,
    leaves: (row: readonly CellValue[]) => boolean,
  ): Promise<{ version: string; parts: DatasetPart[]; profile: string | null }[]> {
    const versions = await this.transactions.manager.find(DatasetVersionEntity, { where: { datasetName }, order: { sequence: 'ASC' } });
    const known = new Map<string, boolean>();
    const affected: { version: string; parts: DatasetPart[]; profile: string | null }[] = [];
    for (const { version, profileDigest } of versions) {
      const manifest: DatasetManifest = await this.datasets.manifestOf(version);
      const parts: DatasetPart[] = [];
      for (const part of manifest.parts) {
        if (!known.has(part.digest)) known.set(part.digest, await this.rewrite.has(part, contract, (rows) => rows.map(leaves)));
        if (known.get(part.digest)) parts.push(part);
      }
      if (parts.length > 0) affected.push({ version, parts, profile: profileDigest });
    }
    return affected;
  }
}
