import type { Job, JobResult } from '../trainers/job.schema.js';

/** Why an attempt broke off, in words that may be shown to whoever reads the run. */
export class AttemptFailed extends Error {}

/** Where a run is carried out: a child process here, a job of a cluster elsewhere. */
export abstract class Executor {
  /** For the record, for example `process`. */
  abstract readonly name: string;
  /**
   * Carries out one attempt.
   * @param signal aborts the attempt: nothing of it goes on afterwards
   * @throws AttemptFailed when the attempt broke off without a result
   */
  abstract execute(job: Job, signal: AbortSignal): Promise<JobResult>;
}
