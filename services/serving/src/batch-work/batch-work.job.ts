import { BasculeError, Logger } from '@bascule/platform';
import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { BatchJob } from '../batch-jobs/batch-job.entity.js';
import { BatchAssembly } from '../batch-results/batch-assembly.service.js';
import { BatchCutting } from './batch-cutting.service.js';
import { BatchLeases } from './batch-leases.service.js';
import { BatchOversight } from './batch-oversight.service.js';
import { BatchQueue } from './batch-queue.service.js';

const pollMs = 1_000;
const atOnce = 2;
const hopeless: readonly BasculeError['kind'][] = ['invalid', 'unprocessable', 'too_large', 'not_found'];

/** Cuts and assembles one job after the other; two at a time, so that a small one need not wait for a large one. */
@Injectable()
export class BatchWorkJob implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown {
  private readonly stopping = new AbortController();
  private working: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly leases: BatchLeases,
    private readonly cutting: BatchCutting,
    private readonly assembly: BatchAssembly,
    private readonly oversight: BatchOversight,
    private readonly queue: BatchQueue,
    private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.working = Promise.all(Array.from({ length: atOnce }, () => this.loop()));
  }

  onModuleDestroy(): void {
    this.stopping.abort();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.working;
  }

  private async loop(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        const job = await this.leases.claim();
        if (job) await this.work(job);
        else await this.queue.waitForWork(pollMs, signal);
      } catch (error) {
        this.log.warn({ err: error }, 'batch jobs stand still; tried again');
        await this.queue.waitForWork(pollMs, signal);
      }
    }
  }

  private async work(job: BatchJob): Promise<void> {
    const { signal } = this.stopping;
    try {
      await this.leases.whileHeld(job, signal, (held) =>
        job.status === 'running' ? this.cutting.cut(job, held) : this.assembly.assemble(job, held),
      );
      if (signal.aborted) await this.leases.release(job, 0);
    } catch (error) {
      this.log.warn({ err: error, jobId: job.id, status: job.status }, 'work on a batch job broke off');
      const isHopeless = error instanceof BasculeError && hopeless.includes(error.kind);
      await this.oversight.recordFailure(job, error instanceof BasculeError ? error.detail : String(error), isHopeless);
    }
  }
}
