import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { commands, controlAt, Hand, type Share } from './work.js';

const program = fileURLToPath(new URL('../../dist/boosting/hand.worker.js', import.meta.url));
/** Orders are short: a thread looks so often whether the others are done before it sleeps. */
const spins = 2_000;
/** One order takes far less; a thread that needs longer has died. */
const patienceMs = 120_000;
/** Fewer cells are done before another thread has started. */
const cellsPerThread = 150_000;
const maxThreads = 16;
/** What a helper computes with lies on the board: room for garbage would only keep it. */
const resourceLimits = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 64 };

/** How many threads a fit of so many cells is worth. */
export function threadsFor(cells: number, features: number): number {
  return Math.max(1, Math.min(availableParallelism(), maxThreads, features, Math.floor(cells / cellsPerThread)));
}

/** The threads of one fit: this one and its helpers. Orders are carried out by all of them, one after another. */
export class Crew {
  private readonly own: Hand;
  private readonly workers: readonly Worker[];
  private readonly control: Int32Array;

  private constructor(share: Omit<Share, 'thread'>, workers: readonly Worker[]) {
    this.control = share.board.control;
    this.own = new Hand({ ...share, thread: 0 });
    this.workers = workers;
  }

  /** Starts the helpers, and waits until all of them can work. */
  static async gather(share: Omit<Share, 'thread'>): Promise<Crew> {
    const workers = Array.from(
      { length: share.board.shape.threads - 1 },
      // without the flags of this process, which may be meant for its own program only
      (_, index) => new Worker(program, { workerData: { ...share, thread: index + 1 }, execArgv: [], resourceLimits }),
    );
    try {
      await Promise.all(workers.map((worker) => once(worker, 'message')));
    } catch (error) {
      await Promise.all(workers.map((worker) => worker.terminate()));
      throw error;
    }
    // later failures are told on the board, where the others wait for them
    for (const worker of workers) worker.on('error', () => undefined);
    return new Crew(share, workers);
  }

  /** Has all threads carry out the order on the board. */
  order(command: number): void {
    const { control } = this;
    control[controlAt.command] = command;
    if (this.workers.length === 0) {
      this.own.work();
      return;
    }
    Atomics.store(control, controlAt.done, 0);
    Atomics.add(control, controlAt.sequence, 1);
    Atomics.notify(control, controlAt.sequence);
    this.own.work();
    this.awaitOthers();
  }

  /** Ends the helpers. */
  async dismiss(): Promise<void> {
    if (this.workers.length === 0) return;
    this.control[controlAt.command] = commands.end;
    Atomics.add(this.control, controlAt.sequence, 1);
    Atomics.notify(this.control, controlAt.sequence);
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }

  private awaitOthers(): void {
    const { control } = this;
    const others = this.workers.length;
    for (let i = 0; i < spins; i++) if (Atomics.load(control, controlAt.done) === others) break;
    for (let done = Atomics.load(control, controlAt.done); done !== others; done = Atomics.load(control, controlAt.done)) {
      if (Atomics.wait(control, controlAt.done, done, patienceMs) === 'timed-out') throw new Error('a thread of the fit does not answer');
    }
    if (control[controlAt.failed] !== 0) throw new Error('a thread of the fit failed');
  }
}
