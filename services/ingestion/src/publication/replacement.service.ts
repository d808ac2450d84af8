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
import { ValidationStarts } from '../validation/validation-starts.queries.js';
import { DatasetKeys } from './dataset-keys.queries.js';
import { PartRows } from './part-rows.store.js';
import { isWithin, replacesByKey } from './publish-as.js';
import { type Removal, RewriteService } from './rewrite.service.js';
import { type KeysOf, SentKeys } from './sent-keys.queries.js';

/** Batches that take the place of records: of all, of a window of time, or of those with the same keys. */
@Injectable()
export class ReplacementService {
  constructor(
    private readonly store: ObjectStore,
    private readonly datasets: DatasetsService,
    private readonly keys: DatasetKeys,
    private readonly sent: SentKeys,
    private readonly rows: PartRows,
    private readonly rewrite: RewriteService,
    private readonly starts: ValidationStarts,
  ) {}

  /** Before the records of a batch are sorted: those whose place it takes must not make them duplicates. What is forgotten here comes back with the caller's savepoint. */
  async prepare(dataset: DatasetEntity, batch: BatchEntity, contract: CompiledContract): Promise<void> {
    const { publishAs } = batch;
    if (publishAs.mode === 'correct' || replacesByKey(publishAs, contract.settings)) await this.sent.begin();
    if (publishAs.mode === 'append' || dataset.currentVersion === null) return;
    if (publishAs.mode === 'replace') {
      await this.keys.forgetAll(dataset.name);
      return;
    }
    if (publishAs.mode === 'correct') await this.noteSent(batch, contract);
    const parent = await this.datasets.manifestOf(dataset.currentVersion);
    const removal = publishAs.mode === 'window' ? within(publishAs, contract) : await this.withKeys(contract, 'sent');
    for (const part of parent.parts.filter(removal.mayTouch))
      for await (const block of this.rows.blocks(part, contract.columns)) {
        const leaving = await removal.leaving(block);
        await this.keys.forget(
          dataset.name,
          contract,
          block.filter((_, at) => leaving[at]),
        );
      }
  }

  /** After a batch of which nothing was accepted: the rows it should have replaced stay, and what `prepare` forgot is known again. */
  async restore(dataset: DatasetEntity, { publishAs }: BatchEntity, contract: CompiledContract): Promise<void> {
    if (publishAs.mode === 'append' || dataset.currentVersion === null) return;
    const { parts } = await this.datasets.manifestOf(dataset.currentVersion);
    for (const part of parts)
      for await (const block of this.rows.blocks(part, contract.columns)) await this.keys.remember(dataset.name, contract, block);
  }

  /** Notes accepted records that have the keys of older ones, and take their place. */
  async supersede(digests: readonly string[]): Promise<void> {
    await this.sent.take(digests);
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
    const appended: DatasetChange = { kind: 'append', removedCount: 0 };
    if (!parent) return { kept: [], change: appended };
    if (publishAs.mode === 'append') {
      if (!replacesByKey(publishAs, contract.settings) || !(await this.sent.hasAny('taken')))
        return { kept: [...parent.parts], change: appended };
      const { parts, removedCount } = await this.withoutSuperseded(parent, datasetName, contract);
      return { kept: parts, change: removedCount > 0 ? { kind: 'correction', removedCount } : appended };
    }
    if (publishAs.mode === 'replace') return { kept: [], change: { kind: 'replace', removedCount: parent.rowCount } };
    if (publishAs.mode === 'window') {
      const { parts, removedCount } = await this.rewrite.without(parent, contract, within(publishAs, contract));
      return { kept: parts, change: { kind: 'window', from: publishAs.from, to: publishAs.to, removedCount } };
    }
    const key = keyOf(contract)!;
    for await (const block of this.rows.blocks(part, contract.columns)) await this.sent.take(keysIn([key], block));
    const { parts, removedCount } = await this.rewrite.without(parent, contract, await this.withKeys(contract, 'taken'));
    await this.rememberKept(datasetName, parts, contract);
    return { kept: parts, change: { kind: 'correction', removedCount } };
  }

  /** Rows that share any of their keys with an accepted record leave, and what only they were known by is forgotten. */
  private async withoutSuperseded(parent: DatasetManifest, datasetName: string, contract: CompiledContract) {
    return this.rewrite.without(parent, contract, {
      mayTouch: () => true,
      leaving: async (rows) => {
        const taken = await this.sent.among('taken', keysIn(contract.uniqueness, rows));
        return rows.map((values) => keysIn(contract.uniqueness, [values]).some((digest) => taken.has(digest)));
      },
      onLeaving: async (rows) => {
        const digests = keysIn(contract.uniqueness, rows);
        const taken = await this.sent.among('taken', digests);
        await this.keys.forgetDigests(
          datasetName,
          digests.filter((digest) => !taken.has(digest)),
        );
      },
    });
  }

  /** A record whose correction was refused stays, and so does what it is known by. */
  private async rememberKept(datasetName: string, parts: readonly DatasetPart[], contract: CompiledContract): Promise<void> {
    if (!(await this.sent.hasAny('refused'))) return;
    const { leaving } = await this.withKeys(contract, 'refused');
    for (const part of parts)
      for await (const block of this.rows.blocks(part, contract.columns)) {
        const stays = await leaving(block);
        await this.keys.remember(
          datasetName,
          contract,
          block.filter((_, at) => stays[at]),
        );
      }
  }

  /** Notes the keys that the records of a batch have. */
  private async noteSent(batch: BatchEntity, contract: CompiledContract): Promise<void> {
    const key = keyOf(contract);
    if (!key) return;
    const { contentDigest, contentType, readOptions } = batch;
    const options = { ...optionsOf(contentType), ...readOptions, file: this.store.path?.(contentDigest) };
    const { blocks } = await readContent(await this.store.stream(contentDigest), contract.rules, contract.settings.unknownColumns, options);
    const iterator = blocks[Symbol.asyncIterator]();
    try {
      for (let next = await nextOf(iterator); next; next = await nextOf(iterator)) {
        const rows = next.flatMap(({ fault, cells }) => (fault ? [] : [contract.validate(cells, [])]));
        await this.sent.add(keysIn([key], rows));
        await this.starts.passed(next.length);
      }
    } finally {
      await iterator.return?.();
    }
  }

  private async withKeys(contract: CompiledContract, which: KeysOf): Promise<Removal> {
    const key = keyOf(contract);
    const hasAny = key !== undefined && (await this.sent.hasAny(which));
    return {
      mayTouch: () => hasAny,
      leaving: async (rows) => {
        const digests = rows.map((values) => key && uniquenessDigest(key, values));
        const found = await this.sent.among(
          which,
          digests.filter((digest) => digest !== undefined),
        );
        return digests.map((digest) => digest !== undefined && found.has(digest));
      },
    };
  }
}

function keyOf({ uniqueness }: CompiledContract): Uniqueness | undefined {
  return uniqueness.find(({ code }) => code === 'duplicate_key');
}

function keysIn(rules: readonly Uniqueness[], rows: readonly (readonly CellValue[])[]): string[] {
  return rows.flatMap((values) => rules.flatMap((rule) => uniquenessDigest(rule, values) ?? []));
}

function within(window: { from: string; to: string }, { time }: CompiledContract): Removal {
  return {
    mayTouch: ({ occurredFrom, occurredTo }: DatasetPart) => occurredTo >= window.from && occurredFrom < window.to,
    leaving: (rows) => rows.map((values) => time !== undefined && isWithin(values[time] as number, window)),
  };
}

/** The next block; content that breaks off ends here, and is refused where it is sorted. */
async function nextOf<T>(iterator: AsyncIterator<T>): Promise<T | undefined> {
  try {
    const next = await iterator.next();
    return next.done ? undefined : next.value;
  } catch (error) {
    faultOf(error);
    return undefined;
  }
}
