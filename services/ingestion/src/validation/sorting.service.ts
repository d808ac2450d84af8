import { setImmediate as nextTurn } from 'node:timers/promises';
import { ObjectStore } from '@bascule/storage';
import { Injectable } from '@nestjs/common';
import type { BatchEntity } from '../batches/batch.entity.js';
import { parseCsv } from '../batches/parse-csv.js';
import { parseNdjson } from '../batches/parse-ndjson.js';
import type { ParsedContent } from '../batches/parsed-row.js';
import type { CompiledContract } from '../contracts/compile-contract.js';
import { DatasetsService } from '../datasets/datasets.service.js';
import type { PartUpload } from '../datasets/part-upload.js';
import { QuarantineService } from '../quarantine/quarantine.service.js';
import { countReasons } from './decide-batch.js';
import { KnownKeys } from './known-keys.queries.js';
import { BatchCheck, type BatchMeasures, partDuplicates } from './validate-batch.js';

/** A chunk of records ends where one of these is reached: bounds what is in memory, whatever the size of the batch. */
const chunk = { rows: 5000, characters: 2_000_000 };
const rowsPerTurn = 1000;
/** Duplicates, and records of a rejected batch, are shown to this number; the content of the batch keeps them all. */
const shownRows = 1000;

/** What became of the records of a batch, before its verdict. */
export interface SortedBatch extends BatchMeasures {
  readonly faults: readonly string[];
  readonly notes: readonly string[];
  readonly freshCount: number;
  readonly refusedCount: number;
  readonly duplicateCount: number;
  /** Reason code to number of records. */
  readonly reasons: Record<string, number>;
  /** Takes the fresh rows; the caller finishes or abandons it. */
  readonly part: PartUpload;
}

/** Sorts the records of a batch, chunk by chunk: into the part, into quarantine, or out as duplicates. */
@Injectable()
export class SortingService {
  constructor(
    private readonly store: ObjectStore,
    private readonly datasets: DatasetsService,
    private readonly quarantine: QuarantineService,
    private readonly keys: KnownKeys,
  ) {}

  /** Sorts and writes in the transaction of the caller, who holds the lock of the dataset. */
  async sort(batch: BatchEntity, contract: CompiledContract): Promise<SortedBatch> {
    const { faults, notes, rows } = await this.contentOf(batch, contract);
    const part = this.datasets.newPart(batch, contract);
    const check = new BatchCheck(contract);
    const counts = { freshCount: 0, refusedCount: 0, duplicateCount: 0 };
    const faulty: Record<string, number> = {};
    const repeated: Record<string, number> = {};

    const sortChunk = async () => {
      const { valid, refused } = check.take();
      const known = await this.keys.among(batch.datasetName, digestsOf(valid));
      const { fresh, duplicates } = partDuplicates(contract, valid, known);
      const shown = duplicates.slice(0, Math.max(0, shownRows - counts.duplicateCount));
      await this.quarantine.keep(batch.id, [...refused, ...shown]);
      await this.keys.add(batch.datasetName, digestsOf(fresh));
      for (const { values, source } of fresh) await part.add(values, source.length);
      countReasons(refused, faulty);
      countReasons(duplicates, repeated);
      counts.freshCount += fresh.length;
      counts.refusedCount += refused.length;
      counts.duplicateCount += duplicates.length;
    };

    try {
      let held = 0;
      for (const row of rows) {
        check.add(row);
        // health checks and other requests get their turn during a large batch
        if (++held % rowsPerTurn === 0) await nextTurn();
        if (held < chunk.rows && check.heldCharacters < chunk.characters) continue;
        await sortChunk();
        held = 0;
      }
      await sortChunk();
    } catch (error) {
      await part.abandon();
      throw error;
    }
    return { ...check.measures(), ...counts, faults, notes, part, reasons: merged(faulty, repeated) };
  }

  /** Keeps the first refused records of a batch, to be shown with its rejection. */
  async keepRefused(batch: BatchEntity, contract: CompiledContract): Promise<void> {
    const { rows } = await this.contentOf(batch, contract);
    const check = new BatchCheck(contract);
    let kept = 0;
    let held = 0;
    const keepChunk = async () => {
      const refused = check.take().refused.slice(0, shownRows - kept);
      await this.quarantine.keep(batch.id, refused);
      kept += refused.length;
      held = 0;
      await nextTurn();
    };
    for (const row of rows) {
      check.add(row);
      if (++held < rowsPerTurn && check.heldCharacters < chunk.characters) continue;
      await keepChunk();
      if (kept >= shownRows) return;
    }
    await keepChunk();
  }

  private async contentOf(batch: BatchEntity, contract: CompiledContract): Promise<ParsedContent> {
    const parse = batch.contentType === 'text/csv' ? parseCsv : parseNdjson;
    // the bytes lie outside the heap and are at most 64 MB; it is their text and rows that must never be there at once
    return parse(await this.store.get(batch.contentDigest), contract.rules, contract.settings.unknownColumns);
  }
}

function digestsOf(rows: readonly { digests: readonly (string | undefined)[] }[]): string[] {
  return rows.flatMap(({ digests }) => digests.filter((digest) => digest !== undefined));
}

function merged(first: Record<string, number>, second: Record<string, number>): Record<string, number> {
  const sum = { ...first };
  for (const [code, count] of Object.entries(second)) sum[code] = (sum[code] ?? 0) + count;
  return sum;
}
