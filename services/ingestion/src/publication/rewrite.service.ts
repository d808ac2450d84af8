import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DatasetManifest, DatasetPart } from '@bascule/contracts';
import { ObjectStore } from '@bascule/storage';
import { TableWriter } from '@bascule/tables';
import { Injectable } from '@nestjs/common';
import type { CompiledContract } from '../contracts/compile-contract.js';
import { PartUpload } from '../datasets/part-upload.js';
import type { CellValue } from '../validation/column-rule.js';
import { PartRows } from './part-rows.store.js';

/** Which rows leave, and what else has to know of them. */
export interface Removal {
  /** False when no row of the part can leave: it is not read then. */
  readonly mayTouch: (part: DatasetPart) => boolean;
  /** Row by row, whether it leaves. */
  readonly leaving: (rows: readonly CellValue[][]) => readonly boolean[] | Promise<readonly boolean[]>;
  /** Is told of rows that leave, some at a time. */
  readonly onLeaving?: (rows: readonly CellValue[][]) => Promise<void>;
}

/** The parts of a version without some rows. */
export interface Rewritten {
  readonly parts: DatasetPart[];
  readonly removedCount: number;
  /** Parts that are no longer used. */
  readonly replaced: DatasetPart[];
}

/** Takes rows out of parts: a part that loses some is written anew without them, one that loses all is gone, any other stays as it is. */
@Injectable()
export class RewriteService {
  constructor(
    private readonly store: ObjectStore,
    private readonly rows: PartRows,
  ) {}

  async without(manifest: DatasetManifest, contract: CompiledContract, removal: Removal): Promise<Rewritten> {
    const parts: DatasetPart[] = [];
    const replaced: DatasetPart[] = [];
    let removedCount = 0;
    for (const part of manifest.parts) {
      const rest = removal.mayTouch(part) ? await this.restOf(part, contract, removal) : undefined;
      if (!rest) {
        parts.push(part);
        continue;
      }
      removedCount += rest.removedCount;
      replaced.push(part);
      if (rest.part) parts.push(rest.part);
    }
    return { parts, removedCount, replaced };
  }

  /** Whether a part has such rows. */
  async has(part: DatasetPart, contract: CompiledContract, leaving: Removal['leaving']): Promise<boolean> {
    // removed by an earlier erasure
    if (!(await this.store.has(part.digest))) return false;
    for await (const block of this.rows.blocks(part, contract.columns)) {
      if ((await leaving(block)).includes(true)) return true;
      await nextTurn();
    }
    return false;
  }

  /** A part without rows, for a version that has lost them all; its times are those of the part it stands for. */
  async emptyPart(
    { batchId, origin, occurredFrom, occurredTo, digest: restOf }: DatasetPart,
    contract: CompiledContract,
  ): Promise<DatasetPart> {
    const writer = new TableWriter({ format: 'parquet', columns: contract.columns });
    const [stored] = await Promise.all([this.store.put(writer.content), writer.finish()]);
    return { ...stored, rowCount: 0, labelledCount: 0, occurredFrom, occurredTo, batchId, origin, restOf };
  }

  /** What is left of a part; undefined when nothing leaves it. */
  private async restOf(
    part: DatasetPart,
    contract: CompiledContract,
    removal: Removal,
  ): Promise<{ part: DatasetPart | undefined; removedCount: number } | undefined> {
    const removedCount = await this.count(part, contract, removal);
    if (removedCount === 0) return undefined;
    if (removedCount === part.rowCount) return { part: undefined, removedCount };
    const upload = new PartUpload(this.store, contract, new Date(part.occurredFrom));
    try {
      for await (const block of this.rows.blocks(part, contract.columns)) {
        const leaving = await removal.leaving(block);
        for (const [at, values] of block.entries()) if (!leaving[at]) await upload.add(values, lengthOf(values));
        await nextTurn();
      }
      const stored = await upload.finish();
      const { batchId, origin, labels } = part;
      return { part: { ...stored!, batchId, origin, restOf: part.digest, ...(labels ? { labels } : {}) }, removedCount };
    } catch (error) {
      await upload.abandon();
      throw error;
    }
  }

  private async count(part: DatasetPart, contract: CompiledContract, { leaving, onLeaving }: Removal): Promise<number> {
    let removedCount = 0;
    for await (const block of this.rows.blocks(part, contract.columns)) {
      const isLeaving = await leaving(block);
      const gone = block.filter((_, at) => isLeaving[at]);
      removedCount += gone.length;
      if (gone.length > 0) await onLeaving?.(gone);
      await nextTurn();
    }
    return removedCount;
  }
}

function lengthOf(values: readonly CellValue[]): number {
  let length = 0;
  for (const value of values) length += typeof value === 'string' ? value.length + 1 : 9;
  return length;
}
