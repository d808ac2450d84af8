import { setImmediate as turn } from 'node:timers/promises';
import { Transactions } from '@bascule/database';
import { CONFIG } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import { PieceBuilder } from '../batch-files/piece-builder.js';
import { packPiece } from '../batch-files/piece-file.js';
import { BatchInputs } from '../batch-intake/batch-input.store.js';
import { ColumnFindings } from '../batch-intake/column-findings.js';
import type { BatchJob } from '../batch-jobs/batch-job.entity.js';
import { BatchPieceEntity } from '../batch-jobs/batch-piece.entity.js';
import { batchInputTooLarge } from '../batch-jobs/errors.js';
import { BatchObjects } from '../batch-pieces/batch-objects.store.js';
import type { Config } from '../config.js';
import { BatchLeases } from './batch-leases.service.js';
import { BatchProgress } from './batch-progress.service.js';

/** A piece ends with about so many bytes, however few rows that are. */
const maxPieceLength = 4_000_000;

interface Cut {
  readonly pieces: number;
  readonly rows: number;
}

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
    const columns = await this.inputs.plan(job);
    const features = columns.map(({ feature }) => feature);
    const builder = new PieceBuilder(job.version.signature, features, job.options.absentFeatures ?? 'refuse');
    const findings = new ColumnFindings(columns, job.version.signature, job.findings);
    let cut = { pieces: job.pieceCount, rows: job.rowCount };
    for await (const block of this.inputs.rows(job, columns, job.acceptedAt, job.rowCount)) {
      for (const row of block) {
        builder.add(row);
        findings.note(row);
        const { rowCount, length } = builder;
        if (rowCount < this.config.BATCH_PIECE_ROWS && length < maxPieceLength) continue;
        if (!(await this.store(job, cut, builder, findings))) return;
        cut = { pieces: cut.pieces + 1, rows: cut.rows + rowCount };
      }
      // between two blocks, whoever else this process serves
      await turn();
      if (signal.aborted) return;
    }
    if (builder.rowCount > 0 && !(await this.store(job, cut, builder, findings))) return;
    await this.end(job);
  }

  /** @returns false when the job is no longer ours */
  private async store(job: BatchJob, { pieces: piece, rows }: Cut, builder: PieceBuilder, findings: ColumnFindings): Promise<boolean> {
    const { rowCount } = builder;
    const { BATCH_MAX_ROWS: limit } = this.config;
    if (rows + rowCount > limit) throw batchInputTooLarge({ limitRows: limit });
    const { digest: inputDigest } = await this.objects.put(packPiece(builder.take(job.id, piece)));
    return this.transactions.run(async (manager) => {
      const held = await this.leases.findHeld(manager, job);
      if (!held) return false;
      const common = { announcements: 0, announcedAt: null, resultDigest: null, failedCount: 0, finishedAt: null };
      await manager.insert(BatchPieceEntity, { jobId: job.id, piece, rowCount, inputDigest, status: 'waiting', ...common });
      Object.assign(held, { pieceCount: piece + 1, rowCount: rows + rowCount, failures: 0, findings: findings.list() });
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
