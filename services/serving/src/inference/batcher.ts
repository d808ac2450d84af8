import { BasculeError } from '@bascule/platform';
import { deadlineExceeded, modelSuspended, queueFull } from '../errors.js';
import type { RunMeter } from '../runtime/hosted-model.js';
import { formOf } from './batch-form.js';
import { sizeOfInputs } from './input-size.js';
import { Patience, usableOf } from './patience.js';
import { RunCost } from './run-cost.js';
import { RunDelay } from './run-delay.js';
import { type Priority, type Queued, type QueueLimits, RunQueue } from './run-queue.js';
import { giveBack } from './stack-room.js';
import type { Tensor } from './tensor.js';
import { stack, unstack } from './tensor-batch.js';

/** Runs a model on its inputs, in the order of the model, and answers the named outputs. */
export type Run = (inputs: readonly Tensor[], outputs: readonly string[], meter: RunMeter) => Promise<Tensor[]>;

export interface RunOptions {
  /** On the clock of `performance.now()`: past it the request is answered `serving.deadline_exceeded`, and not run if it still waits. */
  readonly deadlineAt?: number | undefined;
  /** Default `live`. */
  readonly priority?: Priority | undefined;
  /** True when nobody waits for the answer any more: asked when its turn comes. */
  readonly isAbandoned?: (() => boolean) | undefined;
}

export type BatchLimits = QueueLimits;

interface Waiting extends Queued {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly string[];
  readonly isAbandoned: (() => boolean) | undefined;
  readonly resolve: (outputs: Tensor[]) => void;
  readonly reject: (error: unknown) => void;
}

/** One that runs and one that is on its way. */
const usualRuns = 2;
/** Where whole batches wait, so many more go out as keep the model busy until this process looks at its answers again. */
const maxRuns = 8;
const aheadMs = 50;
const maxRetryAfterSeconds = 60;
/** To copy more than this together with others takes longer than a run of its own. */
const aloneBytes = 131_072;

/** Puts together what arrives within one turn of the event loop: a run costs about the same for one row and for thirty. */
export class Batcher {
  private readonly queue: RunQueue<Waiting>;
  private readonly cost = new RunCost();
  private readonly delay = new RunDelay();
  private readonly running = new Set<readonly Waiting[]>();
  private runningRows = 0;
  private runningLower = 0;
  private lastEndedAt = 0;
  private readonly patience = new Patience();
  private isScheduled = false;
  private alarm: NodeJS.Timeout | undefined;
  private alarmAt = Number.POSITIVE_INFINITY;

  constructor(
    private readonly run: Run,
    private readonly limits: BatchLimits,
    /** Throws when the model takes no requests at the moment. */
    private readonly admit: () => void = () => undefined,
  ) {
    this.queue = new RunQueue(limits);
  }

  get isIdle(): boolean {
    return this.queue.isEmpty && this.running.size === 0;
  }

  get waitingRows(): number {
    return this.queue.waitingRows;
  }

  get waitingBytes(): number {
    return this.queue.waitingBytes;
  }

  /** The longest that lately anybody was ready to wait here: whoever would wait longer can be turned away unread. */
  get patienceMs(): number {
    return this.patience.ms;
  }

  /** How long a request that comes now would wait for its run. */
  waitMs(priority: Priority = 'live'): number {
    return this.waitBehind(this.rowsAhead(priority));
  }

  /** Answers the named outputs for the inputs, which have one axis of rows first if the model is batched. */
  infer(inputs: readonly Tensor[], outputs: readonly string[], options: RunOptions = {}): Promise<Tensor[]> {
    return new Promise((resolve, reject) => {
      const { deadlineAt, priority = 'live', isAbandoned } = options;
      const rows = Math.max(1, inputs[0]?.shape[0] ?? 1);
      const bytes = sizeOfInputs(inputs);
      const item = {
        inputs,
        outputs,
        rows,
        bytes,
        form: bytes > aloneBytes ? '' : formOf(inputs, outputs, rows),
        priority,
        deadlineAt,
        isAbandoned,
        resolve,
        reject,
      };
      this.admit();
      if (deadlineAt !== undefined) this.checkDeadline(deadlineAt, rows, priority);
      if (!this.queue.add(item)) throw this.turnedAway(`${this.queue.waitingRows} rows wait already`, priority);
      if (deadlineAt !== undefined) this.watch(deadlineAt);
      this.schedule();
    });
  }

  /**
   * Sheds at arrival what could not be answered in time: running it would cost those that can. Only half of the time counts,
   * since a queue filled to the brim answers everybody just too late.
   */
  private checkDeadline(deadlineAt: number, rows: number, priority: Priority): void {
    const now = performance.now();
    const leftMs = deadlineAt - now;
    if (leftMs <= 0) throw deadlineExceeded();
    const usableMs = usableOf(leftMs);
    this.patience.note(usableMs, now);
    // with nobody ahead it is tried whatever was learnt: how else would a model be found to be quick again
    const waitMs = this.isIdle ? 0 : this.waitBehind(this.rowsAhead(priority) + rows);
    if (waitMs > usableMs) {
      throw this.turnedAway(`an answer would take ${Math.ceil(waitMs)} ms, the deadline is in ${Math.floor(leftMs)} ms`, priority);
    }
  }

  private turnedAway(reason: string, priority: Priority): Error {
    const retryAfterSeconds = Math.min(maxRetryAfterSeconds, Math.max(1, Math.ceil(this.waitMs(priority) / 1000)));
    return queueFull(
      { waitingRows: this.queue.waitingRows, retryAfterSeconds },
      `More requests wait than can be answered in time: ${reason}.`,
    );
  }

  /** How long so many rows take, with all that keeps the processor from them. */
  private waitBehind(rows: number): number {
    const computedMs = this.cost.estimateMs(rows, this.limits.maxRows);
    return computedMs === 0 ? 0 : computedMs * this.delay.times(performance.now());
  }

  private rowsAhead(priority: Priority): number {
    return this.queue.rowsAhead(priority) + this.runningRows;
  }

  private schedule(): void {
    // a full batch gains nothing from waiting, and while thousands of connections are read, the end of the turn is far away
    if (this.hasFullBatch) {
      this.startRuns();
      return;
    }
    if (this.isScheduled || this.running.size >= usualRuns) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      this.startRuns();
    });
  }

  private get hasFullBatch(): boolean {
    return this.queue.rowsAhead('live') >= this.limits.maxRows;
  }

  private startRuns(): void {
    while (!this.queue.isEmpty && this.hasFreePlace) {
      // a lower priority may fill one of the two places, so that a live request never waits for both
      const batch = this.queue.take(this.runningLower > 0 || this.running.size >= usualRuns);
      if (batch.length === 0) break;
      this.start(batch);
    }
  }

  private get hasFreePlace(): boolean {
    if (this.running.size < usualRuns) return true;
    if (this.running.size >= maxRuns || !this.hasFullBatch) return false;
    const takesMs = this.cost.estimateMs(this.runningRows, this.limits.maxRows);
    // 0: nothing is known yet
    return takesMs > 0 && takesMs < aheadMs;
  }

  private start(batch: readonly Waiting[]): void {
    // behind a run that goes on, what would come out too late is not begun
    const takesMs = this.running.size === 0 ? 0 : this.cost.estimateMs(this.runningRows + rowsOf(batch), this.limits.maxRows);
    const beginsAt = performance.now() + takesMs;
    const wanted = batch.filter((item) => isWanted(item, beginsAt));
    if (wanted.length === 0) return;
    const rows = rowsOf(wanted);
    const isLower = wanted[0]?.priority !== 'live';
    this.running.add(wanted);
    this.runningRows += rows;
    if (isLower) this.runningLower++;
    void this.runBatch(wanted).finally(() => {
      this.running.delete(wanted);
      this.runningRows -= rows;
      if (isLower) this.runningLower--;
      if (!this.queue.isEmpty) this.schedule();
    });
  }

  private async runBatch(batch: readonly Waiting[]): Promise<void> {
    const { outputs } = batch[0] as Waiting;
    const startedAt = performance.now();
    const expectedMs = this.cost.estimateMs(rowsOf(batch), this.limits.maxRows);
    const meter: RunMeter = { isAbandoned: () => batch.every(isAbandoned), expectedMs };
    try {
      const rooms: ArrayBuffer[] = [];
      const inputs = batch.map((item) => item.inputs);
      const results = await this.run(stack(inputs, rooms), outputs, meter);
      const pieces = unstack(
        results,
        batch.map((item) => item.rows),
      );
      // the pieces are copies: even a model that answers its input holds nothing of the stack; after a failure it is not certain
      for (const room of rooms) giveBack(room);
      for (const [position, item] of batch.entries()) item.resolve(pieces[position] as Tensor[]);
      this.learn(batch, startedAt, meter.ms);
    } catch (error) {
      if (batch.length === 1 || isSuspension(error)) {
        for (const item of batch) item.reject(error);
        return;
      }
      // one bad request must not fail its neighbours
      for (const item of batch) if (isWanted(item, performance.now())) await this.runBatch([item]);
    }
  }

  private learn(batch: readonly Waiting[], startedAt: number, meteredMs: number | undefined): void {
    const now = performance.now();
    // runs queue up behind one another: the time since the last one ended is this one's own. Where the run itself was timed, that
    // counts: this process may be held up, and to learn its own delay as the model's would turn away what the model can do
    const ownMs = meteredMs ?? now - Math.max(startedAt, this.lastEndedAt);
    if (meteredMs !== undefined && startedAt < this.lastEndedAt) this.delay.observe(now - this.lastEndedAt, meteredMs, now);
    this.lastEndedAt = now;
    this.cost.observe(rowsOf(batch), ownMs);
  }

  /** One timer for all: it rings at the earliest deadline. */
  private watch(deadlineAt: number): void {
    if (deadlineAt >= this.alarmAt) return;
    clearTimeout(this.alarm);
    this.alarmAt = deadlineAt;
    this.alarm = setTimeout(() => this.expire(), Math.max(1, Math.ceil(deadlineAt - performance.now())));
    this.alarm.unref();
  }

  private expire(): void {
    const now = performance.now();
    this.alarmAt = Number.POSITIVE_INFINITY;
    for (const item of this.queue.expire(now)) item.reject(deadlineExceeded());
    let next = this.queue.nextDeadline() ?? Number.POSITIVE_INFINITY;
    for (const item of [...this.running].flat()) {
      if (item.deadlineAt === undefined) continue;
      // the run goes on for its neighbours; to reject what is settled already changes nothing
      if (item.deadlineAt <= now) item.reject(deadlineExceeded());
      else next = Math.min(next, item.deadlineAt);
    }
    if (next < Number.POSITIVE_INFINITY) this.watch(next);
  }
}

/** Rejects who could not be answered by a run that begins then, or is not there any more. */
function isWanted(item: Waiting, beginsAt: number): boolean {
  if (item.deadlineAt !== undefined && item.deadlineAt <= beginsAt) item.reject(deadlineExceeded());
  else if (item.isAbandoned?.()) item.reject(deadlineExceeded({}, 'The client has gone.'));
  else return true;
  return false;
}

function isAbandoned({ deadlineAt, isAbandoned: hasGone }: Waiting): boolean {
  return (deadlineAt !== undefined && deadlineAt <= performance.now()) || hasGone?.() === true;
}

function rowsOf(items: readonly Waiting[]): number {
  return items.reduce((sum, { rows }) => sum + rows, 0);
}

function isSuspension(error: unknown): boolean {
  return error instanceof BasculeError && error.code === modelSuspended.definition.code;
}
