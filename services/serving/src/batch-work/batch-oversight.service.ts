import { Transactions } from '@bascule/database';
import { Clock, CONFIG } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import { LessThan } from 'typeorm';
import { BatchJob } from '../batch-jobs/batch-job.entity.js';
import { BatchJobsService } from '../batch-jobs/batch-jobs.service.js';
import { BatchPieceEntity } from '../batch-jobs/batch-piece.entity.js';
import type { Config } from '../config.js';
import { BatchLeases } from './batch-leases.service.js';
import { BatchQueue } from './batch-queue.service.js';
import { QueuedPieces } from './queued-pieces.store.js';

/** Times that cutting or assembling may break off without getting on. */
const maxFailures = 5;
const firstPauseMs = 500;
/** Times that a piece is handed out before its job is given up. */
const maxAnnouncements = 5;
/** Leases that pass before a piece that is not in the queue counts as lost: its result may be on its way here. */
const silentLeases = 2;

/** Sees to it that every job comes to an end: what broke off is tried again, what got lost is handed out again, in the end the job fails. */
@Injectable()
export class BatchOversight {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly jobs: BatchJobsService,
    private readonly leases: BatchLeases,
    private readonly queue: BatchQueue,
    private readonly queued: QueuedPieces,
    private readonly clock: Clock,
  ) {}

  /** Cutting or assembling broke off: another try after a pause, or the end of the job. */
  async recordFailure(job: BatchJob, reason: string, isHopeless: boolean): Promise<void> {
    const failures = await this.transactions.run(async (manager) => {
      const held = await this.leases.findHeld(manager, job);
      if (!held) return 0;
      held.failures += 1;
      const isOver = isHopeless || held.failures >= maxFailures;
      if (isOver) await this.jobs.end(held, 'failed', isHopeless ? reason : `given up after ${held.failures} tries: ${reason}`);
      else await manager.save(BatchJob, held);
      return isOver ? 0 : held.failures;
    });
    if (failures > 0) await this.leases.release(job, firstPauseMs * 2 ** failures);
  }

  /** Hands out again what is neither in the queue nor finished: a server lost it, or nobody could work on it. */
  async recoverPieces(): Promise<void> {
    const running = await this.transactions.manager.findBy(BatchJob, { status: 'running' });
    for (const { id } of running) if (await this.hasSilentPieces(id)) await this.handOutAgain(id);
  }

  private async hasSilentPieces(jobId: string): Promise<boolean> {
    const silent = await this.transactions.manager.countBy(BatchPieceEntity, this.silentPieces(jobId));
    return silent > 0 && (await this.queued.count(jobId)) === 0;
  }

  private async handOutAgain(jobId: string): Promise<void> {
    await this.transactions.run(async (manager) => {
      const job = await manager.findOne(BatchJob, { where: { id: jobId, status: 'running' }, lock: { mode: 'pessimistic_write' } });
      if (!job) return;
      const pieces = await manager.findBy(BatchPieceEntity, this.silentPieces(jobId));
      const spent = pieces.find(({ announcements }) => announcements >= maxAnnouncements);
      if (spent) {
        const reason = `piece ${spent.piece} was handed out ${spent.announcements} times without a result: see the dead letters of serving.batch-piece`;
        await this.jobs.end(job, 'failed', reason);
        return;
      }
      for (const piece of pieces) await this.queue.handOut(manager, job, piece);
    });
  }

  private silentPieces(jobId: string) {
    return {
      jobId,
      status: 'queued' as const,
      announcedAt: LessThan(new Date(this.clock.now().getTime() - silentLeases * this.config.BATCH_LEASE_MS)),
    };
  }
}
