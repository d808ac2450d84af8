import type { BatchPieceFinished, BatchPieceRefused } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Clock, Logger } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { BatchJob } from '../batch-jobs/batch-job.entity.js';
import { BatchJobsService } from '../batch-jobs/batch-jobs.service.js';
import { BatchPieceEntity } from '../batch-jobs/batch-piece.entity.js';
import { type Pace, paceOf } from '../batch-jobs/job-progress.js';
import { BatchObjects } from '../batch-pieces/batch-objects.store.js';
import { AssemblyProgress } from '../batch-results/assembly-progress.service.js';
import { BatchQueue } from './batch-queue.service.js';

const paceWindowMs = 60_000;

/** Records what gateways report about pieces: the first result of a piece counts, whoever else did it again. */
@Injectable()
export class BatchProgress {
  constructor(
    private readonly transactions: Transactions,
    private readonly jobs: BatchJobsService,
    private readonly queue: BatchQueue,
    private readonly objects: BatchObjects,
    private readonly assembly: AssemblyProgress,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  async recordResult({ jobId, piece, resultDigest, rowCount, failedCount }: BatchPieceFinished['data']): Promise<void> {
    await this.transactions.run(async (manager) => {
      const job = await this.lock(manager, jobId);
      const known = job && (await manager.findOneBy(BatchPieceEntity, { jobId, piece }));
      // a result that nobody waits for any more would stay for ever
      if (job?.status !== 'running' || !known || known.status === 'finished') {
        if (known?.resultDigest !== resultDigest) this.transactions.afterCommit(() => this.objects.delete(resultDigest));
        return;
      }
      if (rowCount !== known.rowCount) {
        await this.jobs.end(job, 'failed', `piece ${piece} has ${known.rowCount} rows, its results have ${rowCount}`);
        return;
      }
      const finished = { status: 'finished' as const, resultDigest, failedCount, finishedAt: this.clock.now() };
      await manager.update(BatchPieceEntity, { jobId, piece }, finished);
      await this.queue.withdraw([known]);
      job.rowsDone += rowCount;
      job.rowsFailed += failedCount;
      await this.goOn(manager, job);
    });
  }

  /** A piece that no gateway can ever work on fails the job: its rows would be missing. */
  async recordRefusal({ jobId, piece, reasons }: BatchPieceRefused['data']): Promise<void> {
    await this.transactions.run(async (manager) => {
      const job = await this.lock(manager, jobId);
      const known = job && (await manager.findOneBy(BatchPieceEntity, { jobId, piece }));
      if (job?.status !== 'running' || !known || known.status === 'finished') return;
      this.log.warn({ jobId, piece, reasons }, 'batch job fails');
      await this.jobs.end(job, 'failed', reasons.join('; '));
    });
  }

  /** Hands out what may be handed out and saves the job, which the running transaction has locked. */
  async goOn(manager: EntityManager, job: BatchJob): Promise<void> {
    const isDone = job.isCut && job.rowsDone === job.rowCount;
    if (isDone) {
      Object.assign(job, { status: 'assembling', leaseOwner: null, leaseExpiresAt: null, failures: 0 });
      this.transactions.afterCommit(() => this.queue.wake());
    } else await this.queue.announce(job);
    await manager.save(BatchJob, job);
  }

  /** How fast a job got on in the last minute; while its results are put together, how fast that goes. */
  async pace(job: BatchJob): Promise<Pace> {
    if (job.endedAt !== null) return { rowsPerSecond: null, secondsLeft: null };
    if (job.status === 'assembling') {
      const assembled = this.assembly.of(job.id) ?? { rows: 0, seconds: 0 };
      return paceOf(assembled, assembled.rows, job.rowCount);
    }
    const now = this.clock.now().getTime();
    const from = new Date(Math.max(now - paceWindowMs, job.acceptedAt.getTime()));
    const [row] = (await this.transactions.manager.query(
      'select coalesce(sum(row_count), 0)::int as rows from batch_pieces where job_id = $1 and finished_at >= $2',
      [job.id, from],
    )) as { rows: number }[];
    return paceOf({ rows: row?.rows ?? 0, seconds: (now - from.getTime()) / 1000 }, job.rowsDone, job.isCut ? job.rowCount : null);
  }

  private lock(manager: EntityManager, id: string): Promise<BatchJob | null> {
    return manager.findOne(BatchJob, { where: { id }, lock: { mode: 'pessimistic_write' } });
  }
}
