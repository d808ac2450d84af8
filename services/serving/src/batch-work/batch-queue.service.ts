import { setTimeout as wait } from 'node:timers/promises';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock, CONFIG, Logger } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { BatchJob } from '../batch-jobs/batch-job.entity.js';
import { BatchPieceEntity } from '../batch-jobs/batch-piece.entity.js';
import { batchPiece } from '../batch-pieces/batch-piece.js';
import type { Config } from '../config.js';
import { derivedId } from '../repeats/prediction-ids.js';
import { QueuedPieces } from './queued-pieces.store.js';

/** Hands out the pieces of jobs through the stream of work, a few of each job at a time, and takes them back. */
@Injectable()
export class BatchQueue {
  private waker = new AbortController();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly queued: QueuedPieces,
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  /** Tells whoever waits that there is something to do. */
  wake(): void {
    this.waker.abort();
    this.waker = new AbortController();
  }

  /** Waits so long, or until there is something to do. */
  async waitForWork(ms: number, stopping: AbortSignal): Promise<void> {
    await wait(ms, undefined, { signal: AbortSignal.any([this.waker.signal, stopping]) }).catch(() => undefined);
  }

  /** Fills the places of a job in the queue; the running transaction has locked the job. */
  async announce(job: BatchJob): Promise<void> {
    const { manager } = this.transactions;
    const queued = await manager.countBy(BatchPieceEntity, { jobId: job.id, status: 'queued' });
    const free = this.config.BATCH_PIECES_QUEUED - queued;
    if (free <= 0) return;
    const pieces = await manager.find(BatchPieceEntity, {
      where: { jobId: job.id, status: 'waiting' },
      order: { piece: 'ASC' },
      take: free,
    });
    for (const piece of pieces) await this.handOut(manager, job, piece);
  }

  /** Puts a piece into the queue, for the first time or again. */
  async handOut(
    manager: EntityManager,
    job: BatchJob,
    { jobId, piece, inputDigest, rowCount, announcements }: BatchPieceEntity,
  ): Promise<void> {
    const { modelName, version, keyId, acceptedAt, options } = job;
    await manager.update(
      BatchPieceEntity,
      { jobId, piece },
      { status: 'queued', announcements: announcements + 1, announcedAt: this.clock.now() },
    );
    const work = {
      jobId,
      piece,
      inputDigest,
      rowCount,
      modelName,
      version,
      keyId,
      ...(options.capture ? { capture: options.capture } : {}),
    };
    const id = workIdOf(jobId, piece, announcements + 1);
    await this.outbox.publishWork({ definition: batchPiece, id, data: { ...work, acceptedAt: acceptedAt.toISOString() } });
  }

  /** Sees to it that pieces for which nobody waits any more are not handed out again; the running transaction says so. */
  async withdraw(pieces: readonly Pick<BatchPieceEntity, 'jobId' | 'piece' | 'announcements'>[]): Promise<void> {
    const ids = pieces.flatMap(({ jobId, piece, announcements }) =>
      Array.from({ length: announcements }, (_, at) => workIdOf(jobId, piece, at + 1)),
    );
    if (ids.length > 0) await this.outbox.withdraw(ids);
  }

  /** Removes the pieces of an ended job from the queue; a gateway that gets one all the same finds out by itself. */
  async takeBack(jobId: string): Promise<void> {
    try {
      await this.queued.removeAll(jobId);
    } catch (error) {
      this.log.warn({ err: error, jobId }, 'pieces of an ended job stay in the queue');
    }
  }

  /** Until the running transaction ends, nobody else removes or starts to use the object. */
  async lockObject(manager: EntityManager, digest: string): Promise<void> {
    await manager.query(`select pg_advisory_xact_lock(hashtextextended($1, 0))`, [`batch-object:${digest}`]);
  }
}

function workIdOf(jobId: string, piece: number, announcement: number): string {
  return derivedId(jobId, `piece/${piece}/${announcement}`);
}
