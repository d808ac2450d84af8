import { createHash } from 'node:crypto';
import { type Credential, likePatterns } from '@bascule/access';
import { batchJobAccepted, batchJobFinished, type CaptureSetting, type Role, type RoutedVersion } from '@bascule/contracts';
import { idempotencyConflict, Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock, CONFIG, newId } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { BatchObjects } from '../batch-pieces/batch-objects.store.js';
import { BatchQueue } from '../batch-work/batch-queue.service.js';
import type { Config } from '../config.js';
import { EndpointsService } from '../endpoints/endpoints.service.js';
import { modelNotFound } from '../errors.js';
import { BatchJob, type BatchOptions, type BatchSource } from './batch-job.entity.js';
import { BatchPieceEntity } from './batch-piece.entity.js';
import { batchInputRemoved, batchJobEnded, batchJobNotFound, tooManyBatchJobs } from './errors.js';

/** What a client submits. */
export interface Submission {
  readonly modelName: string;
  readonly version: RoutedVersion;
  readonly source: BatchSource;
  readonly options: BatchOptions;
  readonly credential: Credential;
  readonly idempotencyKey: string | undefined;
}

const dayMs = 86_400_000;
const staff: readonly Role[] = ['operator', 'scientist', 'admin'];

/** Batch jobs as clients see them: submitted, read, cancelled. */
@Injectable()
export class BatchJobsService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly endpoints: EndpointsService,
    private readonly queue: BatchQueue,
    private readonly objects: BatchObjects,
    private readonly clock: Clock,
  ) {}

  /** The version that will answer (the champion, or the one an operator names), and what the endpoint captures. */
  async getTarget(modelName: string, wanted: number | undefined): Promise<{ version: RoutedVersion; capture: CaptureSetting | null }> {
    const endpoint = await this.endpoints.find(modelName, this.config.SERVING_ENVIRONMENT);
    const version = endpoint?.versions.find((each) => (wanted === undefined ? each.role === 'champion' : each.version === wanted));
    if (!version) throw modelNotFound({ model: modelName, ...(wanted === undefined ? {} : { version: wanted }) });
    return { version, capture: endpoint?.capture ?? null };
  }

  /** Accepts a job whose input is stored; a repeat with the same key and content gets the first one. */
  async submit(submission: Submission): Promise<{ job: BatchJob; isRepeat: boolean }> {
    const { modelName, version, source, options, credential, idempotencyKey } = submission;
    const { keyId, identity: requestedBy } = credential;
    const requestHash = hashOf(submission);
    return this.transactions.run(async (manager) => {
      // one submission of a key after the other: counted and compared with what was committed
      await manager.query(`select pg_advisory_xact_lock(hashtextextended($1, 0))`, [`batch-jobs:${keyId}`]);
      const first = idempotencyKey === undefined ? undefined : await this.findFirst(manager, keyId, idempotencyKey);
      if (first && first.requestHash !== requestHash) throw idempotencyConflict();
      if (first) return { job: first, isRepeat: true };
      const open = await manager.countBy(BatchJob, [
        { keyId, status: 'running' },
        { keyId, status: 'assembling' },
      ]);
      if (open >= this.config.BATCH_JOBS_PER_KEY) throw tooManyBatchJobs({ open, limit: this.config.BATCH_JOBS_PER_KEY });
      const acceptedAt = this.clock.now();
      const job = manager.create(BatchJob, {
        id: newId(),
        ...{ modelName, version, source, options, requestHash, keyId, requestedBy, acceptedAt },
        idempotencyKey: idempotencyKey ?? null,
        status: 'running',
        ...{ pieceCount: 0, rowCount: 0, isCut: false, rowsDone: 0, rowsFailed: 0, failures: 0, findings: [] },
      });
      await this.lockInput(manager, source);
      await manager.insert(BatchJob, job);
      await this.outbox.publish({ definition: batchJobAccepted, data: { ...factsOf(job), ...inputFacts(source), keyId, requestedBy } });
      this.transactions.afterCommit(() => this.queue.wake());
      return { job, isRepeat: false };
    });
  }

  /** A job that the credential may see: a client its own, those who run models all of theirs. */
  async get(id: string, credential: Credential): Promise<BatchJob> {
    const job = await this.transactions.manager.findOneBy(BatchJob, { id });
    if (!job || !maySee(job, credential)) throw batchJobNotFound({ id });
    return job;
  }

  /** Jobs that the credential may see, newest first. */
  async list(credential: Credential, modelName: string | undefined, beforeId: string | undefined, limit: number): Promise<BatchJob[]> {
    const query = this.transactions.manager
      .createQueryBuilder(BatchJob, 'job')
      .where('job.modelName like any(:models)', { models: likePatterns(credential.models) })
      .orderBy('job.id', 'DESC')
      .limit(limit);
    if (!isStaff(credential)) query.andWhere('job.requestedBy = :identity', { identity: credential.identity });
    if (modelName !== undefined) query.andWhere('job.modelName = :modelName', { modelName });
    if (beforeId !== undefined) query.andWhere('job.id < :beforeId', { beforeId });
    return query.getMany();
  }

  /** Stops a job for good; to cancel it again changes nothing. */
  async cancel(id: string, credential: Credential): Promise<BatchJob> {
    await this.get(id, credential);
    return this.transactions.run(async (manager) => {
      const job = await manager.findOneOrFail(BatchJob, { where: { id }, lock: { mode: 'pessimistic_write' } });
      if (job.status === 'cancelled') return job;
      if (job.endedAt !== null) throw batchJobEnded({ status: job.status });
      return this.end(job, 'cancelled', `cancelled by ${credential.identity}`);
    });
  }

  /** Ends a job that the running transaction has locked; its pieces are taken out of the queue. */
  async end(job: BatchJob, outcome: 'succeeded' | 'failed' | 'cancelled', reason: string | null): Promise<BatchJob> {
    const { manager } = this.transactions;
    Object.assign(job, { status: outcome, reason, endedAt: this.clock.now(), leaseOwner: null, leaseExpiresAt: null });
    await manager.save(BatchJob, job);
    const { rowsDone, rowsFailed: failedCount, resultDigest } = job;
    await this.outbox.publish({
      definition: batchJobFinished,
      data: {
        ...factsOf(job),
        ...{ outcome, rowCount: rowsDone, failedCount },
        ...(resultDigest === null ? {} : { resultDigest }),
        ...(reason === null ? {} : { reason }),
      },
    });
    if (outcome === 'succeeded') return job;
    await this.queue.withdraw(await manager.findBy(BatchPieceEntity, { jobId: job.id, status: 'queued' }));
    this.transactions.afterCommit(() => this.queue.takeBack(job.id));
    return job;
  }

  /** Held until the transaction ends: whoever removes the input of ended jobs waits, and finds that this one needs it. */
  private async lockInput(manager: EntityManager, source: BatchSource): Promise<void> {
    if (source.kind !== 'file') return;
    await this.queue.lockObject(manager, source.digest);
    if (!(await this.objects.has(source.digest))) throw batchInputRemoved();
  }

  private async findFirst(manager: EntityManager, keyId: string, idempotencyKey: string): Promise<BatchJob | undefined> {
    const first = await manager.findOneBy(BatchJob, { keyId, idempotencyKey });
    if (!first) return undefined;
    if (first.acceptedAt.getTime() > this.clock.now().getTime() - dayMs) return first;
    // keys are remembered for a day
    await manager.update(BatchJob, { id: first.id }, { idempotencyKey: null });
    return undefined;
  }
}

function isStaff({ roles }: Credential): boolean {
  return staff.some((role) => roles.includes(role));
}

function maySee(job: BatchJob, credential: Credential): boolean {
  return isStaff(credential) || job.requestedBy === credential.identity;
}

function factsOf({ id: jobId, modelName, version: { version, artifactDigest } }: BatchJob) {
  return { jobId, modelName, version, artifactDigest };
}

function inputFacts(source: BatchSource) {
  return source.kind === 'file' ? { inputDigest: source.digest } : { inputDigest: source.datasetVersion, datasetName: source.datasetName };
}

// not the version: a repeat after a promotion is still a repeat
function hashOf({ modelName, source, options }: Submission): string {
  return createHash('sha256')
    .update(JSON.stringify([modelName, source, options]))
    .digest('hex');
}
