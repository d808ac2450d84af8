import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { pin } from '../serving/affinity.js';

/** Requests that come whether or not the former ones are answered, as those of many clients do. */
export interface ArrivalOrder {
  readonly port: number;
  /** Whole HTTP requests, sent in turn. */
  readonly requests: readonly Uint8Array[];
  readonly connections: number;
  /** Arrivals per second at the beginning and at the end; in between it changes evenly. */
  readonly fromRate: number;
  readonly toRate: number;
  readonly durationMs: number;
  /** An answer is of use for so long after the arrival. */
  readonly patienceMs: number;
}

/** What became of the arrivals of one second. */
export interface Second {
  arrived: number;
  /** Answered 200 in time. */
  good: number;
  late: number;
  /** Answered 429 or 503. */
  shed: number;
  /** No connection was free while the client had patience. */
  unsent: number;
  /** Answered anything else. */
  other: number;
  /** The first of those. */
  firstOther: string;
}

export interface ArrivalResult {
  readonly seconds: readonly Second[];
  /** Of those answered 200 in time. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly generatorLoad: number;
}

/** The generator of arrivals, a process of its own. */
export class Arrivals {
  private constructor(private readonly child: ChildProcess) {}

  static async start(core: number | undefined): Promise<Arrivals> {
    const program = fileURLToPath(new URL('./arrivals.main.js', import.meta.url));
    const child = fork(program, { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    await once(child, 'spawn');
    pin(child.pid!, core);
    return new Arrivals(child);
  }

  async run(order: ArrivalOrder): Promise<ArrivalResult> {
    const gaveUp = new AbortController();
    this.child.once('exit', () => gaveUp.abort());
    const answer = once(this.child, 'message', { signal: gaveUp.signal }) as Promise<[ArrivalResult]>;
    this.child.send(order);
    const [result] = await answer;
    this.child.removeAllListeners('exit');
    return result;
  }

  stop(): void {
    this.child.disconnect();
  }
}
