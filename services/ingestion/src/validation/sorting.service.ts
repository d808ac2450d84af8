import { setImmediate as nextTurn } from 'node:timers/promises';
import { ObjectStore } from '@bascule/storage';
import type { TableFacts } from '@bascule/tables';
import { Injectable } from '@nestjs/common';
import type { BatchEntity } from '../batches/batch.entity.js';
import { optionsOf } from '../batches/content-type.js';
import type { ParsedContent, ParsedRow } from '../batches/parsed-row.js';
import { faultOf, readContent } from '../batches/read-content.js';
import type { CompiledContract } from '../contracts/compile-contract.js';
import { DatasetsService } from '../datasets/datasets.service.js';
import type { PartUpload } from '../datasets/part-upload.js';
import { replacesByKey } from '../publication/publish-as.js';
import { ReplacementService } from '../publication/replacement.service.js';
import { QuarantineService } from '../quarantine/quarantine.service.js';
import { RepairLog } from '../repairs/repair-log.js';
import { countReasons } from './decide-batch.js';
import type { KnownRange } from './guards.js';
import { KnownKeys } from './known-keys.queries.js';
import { LastOccurrences } from './last-occurrences.js';
import { LaterTexts } from './later-texts.js';
import { NearHistory } from './near-history.service.js';
import { ReferencesService } from './references.service.js';
import { BatchCheck, type BatchContext, type BatchMeasures, partDuplicates } from './validate-batch.js';
import { ValidationStarts } from './validation-starts.queries.js';

/** A chunk of records ends where one of these is reached: few enough to be gone before they count as lasting ones, which only the rare collections free. */
const chunk = { rows: 1000, characters: 2_000_000 };
/** Duplicates, and records of a rejected batch, are shown to this number; the content of the batch keeps them all. */
export const shownRows = 1000;

/** What became of the records of a batch, before its verdict. */
export interface SortedBatch extends BatchMeasures {
  readonly faults: readonly string[];
  readonly notes: readonly string[];
  readonly facts: TableFacts | undefined;
  readonly freshCount: number;
  readonly refusedCount: number;
  /** Repetitions of other records, wherever they went. */
  readonly duplicateCount: number;
  /** Those of them that the contract says to drop. */
  readonly droppedCount: number;
  /** Reason code to number of records. */
  readonly reasons: Record<string, number>;
  /** Takes the fresh rows; the caller finishes or abandons it. */
  readonly part: PartUpload;
  /** Takes what was repaired in them; likewise. */
  readonly repairs: RepairLog;
}

const nothingNear = { refused: [], dropped: [] };

/** What a first reading found out. */
interface LastRecords {
  readonly last?: LastOccurrences;
  /** Of each rule on near duplicates. */
  readonly later?: readonly LaterTexts[];
}

/** Sorts the records of a batch, chunk by chunk: into the part, into quarantine, or out as duplicates. */
@Injectable()
export class SortingService {
  constructor(
    private readonly store: ObjectStore,
    private readonly datasets: DatasetsService,
    private readonly quarantine: QuarantineService,
    private readonly keys: KnownKeys,
    private readonly references: ReferencesService,
    private readonly replacement: ReplacementService,
    private readonly nearHistory: NearHistory,
    private readonly starts: ValidationStarts,
  ) {}

  /**
   * Sorts and writes in the transaction of the caller, who holds the lock of the dataset.
   * @param ranges range of the history of each column
   */
  async sort(batch: BatchEntity, contract: CompiledContract, ranges: readonly (KnownRange | undefined)[] = []): Promise<SortedBatch> {
    const context = { receivedAt: batch.receivedAt.getTime(), ranges };
    const { duplicates: policy } = contract.settings;
    const { last, later } = policy === 'keepLast' ? await this.lastOf(batch, contract, context) : {};
    const maySupersede = replacesByKey(batch.publishAs, contract.settings);
    const { faults, notes, facts, blocks } = await this.contentOf(batch, contract);
    const broken: string[] = await this.references.faults(contract);
    const near = await this.nearHistory.open(batch, contract, later);
    const part = this.datasets.newPart(batch, contract);
    const repairs = new RepairLog(this.store, contract.rules);
    const rows = new BatchCheck(contract, context);
    const counts = { freshCount: 0, refusedCount: 0, duplicateCount: 0, droppedCount: 0 };
    let keptCount = 0;
    const faulty: Record<string, number> = {};
    const repeated: Record<string, number> = {};

    const sortChunk = async () => {
      const { valid: checked, refused: faultyRows } = rows.take();
      await this.keys.keepAwake();
      const { valid, refused: unreferenced } =
        broken.length > 0 ? { valid: checked, refused: [] } : await this.references.part(contract, checked);
      const known = await this.keys.among(batch.datasetName, digestsOf(valid));
      const parted = partDuplicates(contract, valid, known, last, maySupersede);
      // after what is there already: a record that is sent twice is no near duplicate of itself
      const {
        fresh,
        refused: nearRows,
        dropped: nearDropped,
      } = near ? await near.part(parted.fresh) : { ...nothingNear, fresh: parted.fresh };
      const refused = [...faultyRows, ...unreferenced, ...nearRows];
      const duplicates = [...parted.duplicates, ...nearDropped];
      const dropped = duplicates.filter(({ isDropped }) => isDropped);
      const shown = dropped.slice(0, Math.max(0, shownRows - counts.droppedCount));
      keptCount += await this.quarantine.keep(batch.id, [...refused, ...duplicates.filter(({ isDropped }) => !isDropped), ...shown]);
      await this.replacement.supersede(supersededBy(fresh, parted.superseded));
      await this.keys.add(batch.datasetName, digestsOf(fresh));
      for (const row of fresh) {
        await part.add(row.values, row.source.length);
        if (row.repairs) await repairs.add(row);
      }
      countReasons(refused, faulty);
      countReasons(duplicates, repeated);
      await this.starts.passed(valid.length + faultyRows.length + unreferenced.length);
      counts.freshCount += fresh.length;
      counts.refusedCount += refused.length;
      counts.duplicateCount += duplicates.length;
      counts.droppedCount += dropped.length;
    };

    try {
      let held = 0;
      const check = async (block: readonly ParsedRow[]) => {
        for (const row of block) {
          rows.add(row);
          if (++held < chunk.rows && rows.heldCharacters < chunk.characters) continue;
          await sortChunk();
          held = 0;
        }
        // health checks and other requests get their turn during a large batch
        await nextTurn();
      };
      await readAll(blocks, check).then((fault) => fault && broken.push(fault));
      await sortChunk();
    } catch (error) {
      await part.abandon();
      await repairs.abandon();
      throw error;
    }
    await near?.finish();
    const measures = rows.measures();
    // nothing is ever in neither place: accepted, quarantined and dropped by policy are what was read
    const { freshCount, refusedCount, duplicateCount, droppedCount } = counts;
    const quarantinedCount = refusedCount + duplicateCount - droppedCount;
    const sortedCount = freshCount + quarantinedCount + droppedCount;
    if (sortedCount !== measures.recordCount) throw new Error(`${measures.recordCount} records were read and ${sortedCount} sorted`);
    const wantedCount = quarantinedCount + Math.min(droppedCount, shownRows);
    if (keptCount !== wantedCount) throw new Error(`${wantedCount} records belong in quarantine and ${keptCount} are there`);
    const allFaults = [...faults, ...broken, ...measures.flagRejections];
    return { ...measures, ...counts, faults: allFaults, notes, facts, part, repairs, reasons: merged(faulty, repeated) };
  }

  /** A first reading, where the last record of a key, or of nearly the same text, is the one to keep. */
  private async lastOf(batch: BatchEntity, contract: CompiledContract, context: BatchContext): Promise<LastRecords> {
    const { blocks } = await this.contentOf(batch, contract);
    const rows = new BatchCheck(contract, context);
    const last = new LastOccurrences();
    const later = contract.quality.nearDuplicates.map(({ similarity }) => new LaterTexts(similarity));
    for await (const block of unbroken(blocks)) {
      for (const row of block) rows.add(row);
      // a record that is refused for its reference keeps no place from those before it
      const { valid } = await this.references.part(contract, rows.take().valid);
      for (const row of valid) {
        for (const digest of row.digests) if (digest !== undefined) last.set(digest, row.row);
        later.forEach((texts, at) => {
          texts.note(row, row.signatures?.[at]);
        });
      }
      await this.keys.keepAwake();
      await this.starts.passed(block.length);
      await nextTurn();
    }
    return { last, later };
  }

  /** Keeps the first refused records of a batch, to be shown with its rejection. */
  async keepRefused(batch: BatchEntity, contract: CompiledContract): Promise<void> {
    const { blocks } = await this.contentOf(batch, contract);
    const rows = new BatchCheck(contract);
    let kept = 0;
    // leaving the loop closes the content
    for await (const block of unbroken(blocks)) {
      for (const row of block) rows.add(row);
      const refused = rows.take().refused.slice(0, shownRows - kept);
      await this.quarantine.keep(batch.id, refused);
      kept += refused.length;
      if (kept >= shownRows) return;
      await nextTurn();
    }
  }

  private async contentOf(batch: BatchEntity, contract: CompiledContract): Promise<ParsedContent> {
    const { rules, settings } = contract;
    const { contentDigest, contentType, readOptions } = batch;
    const options = { ...optionsOf(contentType), ...readOptions, file: this.store.path?.(contentDigest) };
    return readContent(await this.store.stream(contentDigest), rules, settings.unknownColumns, options);
  }
}

/** Hands over the blocks. @returns why they broke off, if the content is to blame */
async function readAll(
  blocks: AsyncIterable<readonly ParsedRow[]>,
  take: (block: readonly ParsedRow[]) => Promise<void>,
): Promise<string | undefined> {
  const iterator = blocks[Symbol.asyncIterator]();
  for (;;) {
    let next: IteratorResult<readonly ParsedRow[]>;
    try {
      next = await iterator.next();
    } catch (error) {
      return faultOf(error);
    }
    if (next.done) return undefined;
    try {
      await take(next.value);
    } catch (error) {
      await iterator.return?.();
      throw error;
    }
  }
}

/** The blocks up to where the content breaks off. */
async function* unbroken(blocks: AsyncIterable<readonly ParsedRow[]>): AsyncGenerator<readonly ParsedRow[]> {
  try {
    yield* blocks;
  } catch (error) {
    faultOf(error);
  }
}

function digestsOf(rows: readonly { digests: readonly (string | undefined)[] }[]): string[] {
  return rows.flatMap(({ digests }) => digests.filter((digest) => digest !== undefined));
}

/** What is known of older records whose place the rows take. */
function supersededBy(rows: readonly { digests: readonly (string | undefined)[] }[], superseded: readonly string[]): string[] {
  if (superseded.length === 0) return [];
  const taken = new Set(digestsOf(rows));
  return superseded.filter((digest) => taken.has(digest));
}

function merged(first: Record<string, number>, second: Record<string, number>): Record<string, number> {
  const sum = { ...first };
  for (const [code, count] of Object.entries(second)) sum[code] = (sum[code] ?? 0) + count;
  return sum;
}
