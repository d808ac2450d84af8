import type { DatasetChange, DatasetManifest, DatasetPart } from '@bascule/contracts';
import { ObjectStore } from '@bascule/storage';
import { Injectable } from '@nestjs/common';
import type { BatchEntity } from '../batches/batch.entity.js';
import { optionsOf } from '../batches/content-type.js';
import { faultOf, readContent } from '../batches/read-content.js';
import type { CompiledContract } from '../contracts/compile-contract.js';
import type { DatasetEntity } from '../datasets/dataset.entity.js';
import { DatasetsService } from '../datasets/datasets.service.js';
import type { PartUpload } from '../datasets/part-upload.js';
import type { CellValue } from '../validation/column-rule.js';
import { type Uniqueness, uniquenessDigest } from '../validation/uniqueness.js';
import { DatasetKeys } from './dataset-keys.queries.js';
import { PartRows } from './part-rows.store.js';
import { isWithin } from './publish-as.js';
import { RewriteService } from './rewrite.service.js';

/** Batches that take the place of records: of all, of a window of time, or of those with the same keys. */
@Injectable()
export class ReplacementService {
  constructor(
    private readonly store: ObjectStore,
    private readonly datasets: DatasetsService,
    private readonly keys: DatasetKeys,
    private readonly rows: PartRows,
    private readonly rewrite: RewriteService,
  ) {}

  /** Before the records of a batch are sorted: those whose place it takes must not make them duplicates. What is forgotten here comes back with the caller's savepoint. */
  async prepare(dataset: DatasetEntity, batch: BatchEntity, contract: CompiledContract): Promise<void> {
    const { publishAs } = batch;
    if (publishAs.mode === 'append' || dataset.currentVersion === null) return;
    if (publishAs.mode === 'replace') {
      await this.keys.forgetAll(dataset.name);
      return;
    }
    const parent = await this.datasets.manifestOf(dataset.currentVersion);
    const { mayTouch, leaves } =
      publishAs.mode === 'window' ? within(publishAs, contract) : withKeys(contract, await this.keysOf(batch, contract));
    for (const part of parent.parts.filter(mayTouch))
      for await (const block of this.rows.blocks(part, contract.columns))
        await this.keys.forget(dataset.name, contract, block.filter(leaves));
  }

  /** After a batch of which nothing was accepted: the rows it should have replaced stay, and what `prepare` forgot is known again. */
  async restore(dataset: DatasetEntity, { publishAs }: BatchEntity, contract: CompiledContract): Promise<void> {
    if (publishAs.mode === 'append' || dataset.currentVersion === null) return;
    const { parts } = await this.datasets.manifestOf(dataset.currentVersion);
    for (const part of parts)
      for await (const block of this.rows.blocks(part, contract.columns)) await this.keys.remember(dataset.name, contract, block);
  }

  /** Why the accepted rows cannot be published as it was asked. */
  faultsOf({ publishAs }: BatchEntity, contract: CompiledContract, part: PartUpload): string[] {
    if (publishAs.mode === 'correct')
      return keyOf(contract)
        ? []
        : ['the contract has no primary key or unique column, so that it cannot be said which records are corrected'];
    if (publishAs.mode !== 'window') return [];
    if (contract.time === undefined) return ['the contract has no column with the role time, so that no window can be replaced'];
    const range = part.range();
    if (!range || (isWithin(range.from, publishAs) && isWithin(range.to, publishAs))) return [];
    return [
      `records happened from ${new Date(range.from).toISOString()} to ${new Date(range.to).toISOString()}; the window to replace is from ${publishAs.from} to before ${publishAs.to}`,
    ];
  }

  /** The parts that stay beside the part of an accepted batch. */
  async apply(
    parent: DatasetManifest | undefined,
    batch: BatchEntity,
    contract: CompiledContract,
    part: DatasetPart,
  ): Promise<{ kept: DatasetPart[]; change: DatasetChange }> {
    const { publishAs, datasetName } = batch;
    if (!parent || publishAs.mode === 'append') return { kept: [...(parent?.parts ?? [])], change: { kind: 'append', removedCount: 0 } };
    if (publishAs.mode === 'replace') return { kept: [], change: { kind: 'replace', removedCount: parent.rowCount } };
    if (publishAs.mode === 'window') {
      const { parts, removedCount } = await this.rewrite.without(parent, contract, within(publishAs, contract));
      return { kept: parts, change: { kind: 'window', from: publishAs.from, to: publishAs.to, removedCount } };
    }
    const accepted = new Set<string>();
    const key = keyOf(contract)!;
    for await (const block of this.rows.blocks(part, contract.columns))
      for (const values of block) accepted.add(uniquenessDigest(key, values) ?? '');
    const { parts, removedCount } = await this.rewrite.without(parent, contract, withKeys(contract, accepted));
    await this.rememberKept(datasetName, parts, contract, await this.keysOf(batch, contract), accepted);
    return { kept: parts, change: { kind: 'correction', removedCount } };
  }

  /** A record whose correction was refused stays, and so does what it is known by. */
  private async rememberKept(
    datasetName: string,
    parts: readonly DatasetPart[],
    contract: CompiledContract,
    sent: ReadonlySet<string>,
    accepted: ReadonlySet<string>,
  ): Promise<void> {
    const refused = new Set([...sent].filter((digest) => !accepted.has(digest)));
    if (refused.size === 0) return;
    const { leaves } = withKeys(contract, refused);
    for (const part of parts)
      for await (const block of this.rows.blocks(part, contract.columns))
        await this.keys.remember(datasetName, contract, block.filter(leaves));
  }

  /** Digests of the keys that the records of a batch have. */
  private async keysOf(batch: BatchEntity, contract: CompiledContract): Promise<Set<string>> {
    const key = keyOf(contract);
    const found = new Set<string>();
    if (!key) return found;
    const { contentDigest, contentType, readOptions } = batch;
    const options = { ...optionsOf(contentType), ...readOptions, file: this.store.path?.(contentDigest) };
    const { blocks } = await readContent(await this.store.stream(contentDigest), contract.rules, contract.settings.unknownColumns, options);
    try {
      for await (const block of blocks)
        for (const row of block) {
          const digest = row.fault ? undefined : uniquenessDigest(key, contract.validate(row.cells, []));
          if (digest !== undefined) found.add(digest);
        }
    } catch (error) {
      // content that breaks off is refused where it is sorted
      faultOf(error);
    }
    return found;
  }
}

function keyOf({ uniqueness }: CompiledContract): Uniqueness | undefined {
  return uniqueness.find(({ code }) => code === 'duplicate_key');
}

function within(window: { from: string; to: string }, { time }: CompiledContract) {
  return {
    mayTouch: ({ occurredFrom, occurredTo }: DatasetPart) => occurredTo >= window.from && occurredFrom < window.to,
    leaves: (values: readonly CellValue[]) => time !== undefined && isWithin(values[time] as number, window),
  };
}

function withKeys(contract: CompiledContract, digests: ReadonlySet<string>) {
  const key = keyOf(contract);
  return {
    mayTouch: () => digests.size > 0,
    leaves: (values: readonly CellValue[]) => key !== undefined && digests.has(uniquenessDigest(key, values) ?? '-'),
  };
}
