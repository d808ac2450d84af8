import type { ChildProcess } from 'node:child_process';
import { endProcess, isRunning } from './child-process.js';

export interface KeeperOptions {
  name: string;
  /** Starts the process and resolves when it runs. */
  launch: () => Promise<ChildProcess>;
  stopSignal: NodeJS.Signals;
  stopTimeoutMs: number;
  tell: (text: string) => void;
}

/** Delay before start number `failures + 1` of something that keeps falling over. */
export function backoffMs(failures: number): number {
  return Math.min(10_000, 250 * 2 ** Math.max(0, failures - 1));
}

const steadyMs = 30_000;

/** Keeps one process running: started again with growing delays whenever it ends by itself. */
export class Keeper {
  private child: ChildProcess | undefined;
  private wanted = false;
  private failures = 0;
  private startedAt = 0;
  private timer: NodeJS.Timeout | undefined;
  /** How often it was started again. */
  restarts = 0;

  constructor(private readonly options: KeeperOptions) {}

  get name(): string {
    return this.options.name;
  }

  get pid(): number | undefined {
    return this.child && isRunning(this.child) ? this.child.pid : undefined;
  }

  async start(): Promise<void> {
    this.wanted = true;
    await this.launch();
  }

  /** Looks after a process that runs already. */
  adopt(child: ChildProcess): void {
    this.wanted = true;
    this.watch(child);
  }

  /** Ends it as a crash would; it comes back by itself, unless it is held. */
  async kill(): Promise<void> {
    if (this.child) await endProcess(this.child, 'SIGKILL');
  }

  /** Kills it and keeps it down until `release`. */
  async hold(): Promise<void> {
    this.wanted = false;
    clearTimeout(this.timer);
    await this.kill();
  }

  async release(): Promise<void> {
    if (!this.wanted) await this.start();
  }

  async stop(): Promise<void> {
    this.wanted = false;
    clearTimeout(this.timer);
    if (this.child) await endProcess(this.child, this.options.stopSignal, this.options.stopTimeoutMs);
    this.sweepGroup();
  }

  private async launch(): Promise<void> {
    const child = await this.options.launch();
    if (!this.wanted) {
      await endProcess(child, 'SIGKILL');
      return;
    }
    this.watch(child);
  }

  private watch(child: ChildProcess): void {
    this.child = child;
    this.startedAt = Date.now();
    const ended = () => {
      this.sweepGroup();
      if (this.wanted) this.startAgain(`ended with ${child.signalCode ?? `exit code ${child.exitCode}`}`);
    };
    if (isRunning(child)) child.once('exit', ended);
    else ended();
  }

  private startAgain(reason: string): void {
    if (Date.now() - this.startedAt > steadyMs) this.failures = 0;
    this.failures++;
    const delayMs = backoffMs(this.failures);
    this.options.tell(`${this.name} ${reason}; starting it again in ${delayMs} ms`);
    this.timer = setTimeout(() => {
      this.restarts++;
      this.launch().catch((error: Error) => this.wanted && this.startAgain(`did not start: ${error.message}`));
    }, delayMs);
  }

  /** Children of a process that crashed share its group, and must not outlive it. */
  private sweepGroup(): void {
    if (!this.child?.pid) return;
    try {
      process.kill(-this.child.pid, 'SIGKILL');
    } catch {
      // nobody is left in the group
    }
  }
}
