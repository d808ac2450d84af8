import { setImmediate as turn } from 'node:timers/promises';
import { Transactions } from '@bascule/database';
import { CONFIG } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import { BatchInputs } from '../batch-intake/batch-input.store.js';
import type { BatchJob } from '../batch-jobs/batch-job.entity.js';
import { BatchPieceEntity } from '../batch-jobs/batch-piece.entity.js';
import { batchInputTooLarge } from '../batch-jobs/errors.js';
import { BatchObjects } from '../batch-pieces/batch-objects.store.js';
import { type PieceRow, pieceHeaderLine, pieceRowLine } from '../batch-pieces/piece-file.js';
import type { Config } from '../config.js';
import { BatchLeases } from './batch-leases.service.js';
import { BatchProgress } from './batch-progress.service.js';

/** A piece ends with this many characters, however few rows that are. */
const maxPieceLength = 4_000_000;

/** Cuts the input of a job into pieces, each committed by itself: whoever goes on begins after the last of them. */
@Injectable()
export class BatchCutting {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly inputs: BatchInputs,
    private readonly objects: BatchObjects,
    private readonly leases: BatchLeases,
    private readonly progress: BatchProgress,
  ) {}

  async cut(job: BatchJob, signal: AbortSignal): Promise<void> {
    let lines: string[] = [];
    let length = 0;
    const columns = await this.inputs.plan(job);
    const features = columns.map(({ feature }) => feature);
    let cut = { pieces: job.pieceCount, rows: job.rowCount };
    for await (const block of this.inputs.rows(job, columns, job.acceptedAt, job.rowCount)) {
      for (const row of block) {
        const line = lineOf(row);
        lines.push(line);
        length += line.length;
        if (lines.length < this.config.BATCH_PIECE_ROWS && length < maxPieceLength) continue;
        if (!(await this.store(job, cut, features, lines))) return;
        cut = { pieces: cut.pieces + 1, rows: cut.rows + lines.length };
        lines = [];
        length = 0;
      }
      // between two blocks, whoever else this process serves
      await turn();
      if (signal.aborted) return;
    }
    if (lines.length > 0 && !(await this.store(job, cut, features, lines))) return;
    await this.end(job);
  }

  /** @returns false when the job is no longer ours */
  private async store(
    job: BatchJob,
    { pieces: piece, rows }: { pieces: number; rows: number },
    features: readonly string[],
    lines: readonly string[],
  ): Promise<boolean> {
    const { BATCH_MAX_ROWS: limit } = this.config;
    if (rows + lines.length > limit) throw batchInputTooLarge({ limitRows: limit });
    const text = [pieceHeaderLine({ jobId: job.id, piece, features }), ...lines].join('\n');
    const { digest: inputDigest } = await this.objects.put(Buffer.from(text));
    return this.transactions.run(async (manager) => {
      const held = await this.leases.findHeld(manager, job);
      if (!held) return false;
      const common = { announcements: 0, announcedAt: null, resultDigest: null, failedCount: 0, finishedAt: null };
      const rowCount = lines.length;
      await manager.insert(BatchPieceEntity, { jobId: job.id, piece, rowCount, inputDigest, status: 'waiting', ...common });
      Object.assign(held, { pieceCount: piece + 1, rowCount: rows + rowCount, failures: 0 });
      await this.progress.goOn(manager, held);
      return true;
    });
  }

  private async end(job: BatchJob): Promise<void> {
    await this.transactions.run(async (manager) => {
      const held = await this.leases.findHeld(manager, job);
      if (!held) return;
      Object.assign(held, { isCut: true, leaseOwner: null, leaseExpiresAt: null });
      await this.progress.goOn(manager, held);
    });
  }
}

// a row that even JSON cannot carry is a bad row, not the end of the job
function lineOf(row: PieceRow): string {
  try {
    return pieceRowLine(row);
  } catch (error) {
    return pieceRowLine({ ...row, cells: [], fault: `the row cannot be carried: ${(error as Error).message}` });
  }
}
