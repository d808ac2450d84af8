import { Clock } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import type { RecentRows } from '../batch-jobs/job-progress.js';

interface Running {
  readonly startedAt: number;
  rows: number;
}

/** How far the results of jobs are put together in this process; of others nobody here can tell. */
@Injectable()
export class AssemblyProgress {
  private readonly running = new Map<string, Running>();

  constructor(private readonly clock: Clock) {}

  begin(jobId: string): void {
    this.running.set(jobId, { startedAt: this.clock.now().getTime(), rows: 0 });
  }

  note(jobId: string, rows: number): void {
    const running = this.running.get(jobId);
    if (running) running.rows += rows;
  }

  end(jobId: string): void {
    this.running.delete(jobId);
  }

  /** Undefined for a job that is not put together here. */
  of(jobId: string): RecentRows | undefined {
    const running = this.running.get(jobId);
    return running && { rows: running.rows, seconds: (this.clock.now().getTime() - running.startedAt) / 1000 };
  }
}
