import type { Resources } from '../trainers/job.schema.js';

/** Why an attempt broke off, in words that may be shown to whoever reads the run. */
export class AttemptFailed extends Error {}

/** One program to run in one folder: all it reads and all it leaves lies there. */
export interface ProgramTask {
  readonly folder: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly limits: Resources & { readonly seconds: number };
  /** One of our own programs: ends by itself with this process, and bounds its own memory. */
  readonly isOurs: boolean;
}

export interface TaskEnd {
  /** Exit code; null when a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  /** The last of what it wrote to standard error. */
  readonly errors: string;
}

export interface TaskWatch {
  /** Aborts the task: nothing of it goes on afterwards. */
  readonly signal: AbortSignal;
  /** A line of standard output or standard error. */
  onLine(line: string, from: 'output' | 'errors'): void;
}

/** Where programs run: child processes here, jobs of a cluster elsewhere. */
export abstract class Executor {
  /** For the record, for example `process`. */
  abstract readonly name: string;
  /** Why limits cannot be kept to here; empty when they can. */
  abstract faultsOf(limits: Resources): Promise<readonly string[]>;
  /** Runs a program to its end, whatever end that is. @throws AttemptFailed when it could not be started */
  abstract run(task: ProgramTask, watch: TaskWatch): Promise<TaskEnd>;
}
