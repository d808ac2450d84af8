import { Transactions } from '@bascule/database';
import { Clock, CONFIG } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import { type EntityManager, IsNull, LessThan, Not } from 'typeorm';
import { BatchJob, type BatchSource } from '../batch-jobs/batch-job.entity.js';
import { BatchPieceEntity } from '../batch-jobs/batch-piece.entity.js';
import { BatchObjects } from '../batch-pieces/batch-objects.store.js';
import { BatchQueue } from '../batch-work/batch-queue.service.js';
import type { Config } from '../config.js';

const dayMs = 86_400_000;
const jobsAtOnce = 20;

/** Removes what ended jobs leave behind: input and pieces at once, results when their time is over. Each step may be done again. */
@Injectable()
export class BatchCleaning {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly objects: BatchObjects,
    private readonly queue: BatchQueue,
    private readonly clock: Clock,
  ) {}

  async clean(): Promise<void> {
    const { manager } = this.transactions;
    for (const job of await manager.find(BatchJob, { where: { endedAt: Not(IsNull()), cleanedAt: IsNull() }, take: jobsAtOnce })) {
      await this.removePieces(job);
    }
    const oldest = new Date(this.clock.now().getTime() - this.config.BATCH_RESULT_DAYS * dayMs);
    const expired = { endedAt: LessThan(oldest), cleanedAt: Not(IsNull()), expiredAt: IsNull() };
    for (const job of await manager.find(BatchJob, { where: expired, take: jobsAtOnce })) await this.removeResults(job);
  }

  /** Removes an input that was stored for a job that was not accepted. */
  async discardInput(source: BatchSource): Promise<void> {
    if (source.kind === 'file') await this.transactions.run((manager) => this.removeInput(manager, source.digest));
  }

  private async removePieces({ id: jobId, source }: BatchJob): Promise<void> {
    const pieces = await this.transactions.manager.find(BatchPieceEntity, { where: { jobId } });
    for (const { inputDigest, resultDigest } of pieces) {
      await this.objects.delete(inputDigest);
      if (resultDigest !== null) await this.objects.delete(resultDigest);
    }
    await this.transactions.run(async (manager) => {
      await manager.delete(BatchPieceEntity, { jobId });
      await manager.update(BatchJob, { id: jobId }, { cleanedAt: this.clock.now() });
      if (source.kind === 'file') await this.removeInput(manager, source.digest);
    });
  }

  private async removeResults({ id, resultDigest, errorsDigest }: BatchJob): Promise<void> {
    await this.transactions.run(async (manager) => {
      await manager.update(BatchJob, { id }, { expiredAt: this.clock.now() });
      for (const digest of [resultDigest, errorsDigest]) {
        if (digest !== null) await this.removeUnlessNeeded(manager, digest, 'expired_at is null and $1 in (result_digest, errors_digest)');
      }
    });
  }

  private async removeInput(manager: EntityManager, digest: string): Promise<void> {
    await this.removeUnlessNeeded(manager, digest, `cleaned_at is null and source ->> 'digest' = $1`);
  }

  // content-addressed: another job may have the same bytes
  private async removeUnlessNeeded(manager: EntityManager, digest: string, needed: string): Promise<void> {
    await this.queue.lockObject(manager, digest);
    const others = (await manager.query(`select 1 from batch_jobs where ${needed} limit 1`, [digest])) as unknown[];
    if (others.length === 0) await this.objects.delete(digest);
  }
}
