import { Transactions } from '@bascule/database';
import { CONFIG, Logger } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { BatchJob } from '../batch-jobs/batch-job.entity.js';
import type { Config } from '../config.js';

/** Which replica of control cuts or assembles which job: a lease that is renewed, and free again when its holder falls silent. */
@Injectable()
export class BatchLeases {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly log: Logger,
  ) {}

  /** Takes the oldest job that has to be cut or assembled and that nobody works on. */
  async claim(): Promise<BatchJob | undefined> {
    return this.transactions.run(async (manager) => {
      const [taken] = (await manager.query(
        `select id from batch_jobs
         where ((status = 'running' and not is_cut) or status = 'assembling') and (lease_expires_at is null or lease_expires_at < now())
         order by id for update skip locked limit 1`,
      )) as { id: string }[];
      if (!taken) return undefined;
      await this.extend(manager, taken.id);
      return manager.findOneByOrFail(BatchJob, { id: taken.id });
    });
  }

  /** Does work on a job while its lease is renewed; the signal ends it when the lease is lost, as by a cancelled job. */
  async whileHeld(job: BatchJob, stopping: AbortSignal, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const lost = new AbortController();
    const renew = () =>
      this.transactions
        .runDetached((manager) => this.extend(manager, job.id))
        .then(
          (isHeld) => isHeld || lost.abort(),
          (error: unknown) => this.log.warn({ err: error, jobId: job.id }, 'lease of a batch job not renewed'),
        );
    const timer = setInterval(() => void renew(), this.config.BATCH_LEASE_MS / 3);
    try {
      await work(AbortSignal.any([stopping, lost.signal]));
    } finally {
      clearInterval(timer);
    }
  }

  /** The job, locked, if this replica still works on it. */
  async findHeld(manager: EntityManager, { id, status }: BatchJob): Promise<BatchJob | null> {
    const where = { id, status, leaseOwner: this.config.INSTANCE_ID };
    return manager.findOne(BatchJob, { where, lock: { mode: 'pessimistic_write' } });
  }

  /** Gives a job back: to be taken at once, or after a while. */
  async release({ id }: BatchJob, afterMs: number): Promise<void> {
    await this.transactions.manager.query(
      `update batch_jobs set lease_owner = null, lease_expires_at = now() + $3 * interval '1 millisecond' where id = $1 and lease_owner = $2`,
      [id, this.config.INSTANCE_ID, afterMs],
    );
  }

  private async extend(manager: EntityManager, id: string): Promise<boolean> {
    const [, changed] = (await manager.query(
      `update batch_jobs set lease_owner = $2, lease_expires_at = now() + $3 * interval '1 millisecond'
       where id = $1 and (lease_owner = $2 or lease_expires_at is null or lease_expires_at < now()) and ended_at is null
       returning id`,
      [id, this.config.INSTANCE_ID, this.config.BATCH_LEASE_MS],
    )) as [unknown, number];
    return changed > 0;
  }
}
