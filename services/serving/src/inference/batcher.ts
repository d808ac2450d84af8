import { queueFull } from '../errors.js';
import type { Tensor } from './tensor.js';
import { stack, unstack } from './tensor-batch.js';

/** Runs a model on its inputs, in the order of the model, and answers the named outputs. */
export type Run = (inputs: readonly Tensor[], outputs: readonly string[]) => Promise<Tensor[]>;

export interface BatchLimits {
  /** More rows than this are not put together; one larger request still runs alone. */
  readonly maxRows: number;
  readonly maxWaitingRows: number;
}

interface Waiting {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly string[];
  readonly rows: number;
  readonly shapeKey: string;
  readonly resolve: (outputs: Tensor[]) => void;
  readonly reject: (error: unknown) => void;
}

const maxRunning = 2;

/** Puts together what arrives within one turn of the event loop: a run costs about the same for one row and for thirty. */
export class Batcher {
  private waiting: Waiting[] = [];
  private waitingRows = 0;
  private running = 0;
  private isScheduled = false;

  constructor(
    private readonly run: Run,
    private readonly limits: BatchLimits,
  ) {}

  get isIdle(): boolean {
    return this.waiting.length === 0 && this.running === 0;
  }

  infer(inputs: readonly Tensor[], outputs: readonly string[]): Promise<Tensor[]> {
    const rows = Math.max(1, inputs[0]?.shape[0] ?? 1);
    if (this.waitingRows + rows > this.limits.maxWaitingRows && this.waiting.length > 0) {
      return Promise.reject(queueFull({ waitingRows: this.waitingRows }));
    }
    // only rows of one form can be stacked, and an empty batch or unequal lengths are for the model to judge
    const isEven = inputs.every((input) => input.shape[0] === rows);
    const shapeKey = isEven ? `${inputs.map((input) => input.shape.slice(1).join('x')).join()}|${outputs.join('\0')}` : '';
    return new Promise((resolve, reject) => {
      this.waiting.push({ inputs, outputs, rows, shapeKey, resolve, reject });
      this.waitingRows += rows;
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.isScheduled || this.running >= maxRunning) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      while (this.waiting.length > 0 && this.running < maxRunning) this.start(this.take());
    });
  }

  private take(): Waiting[] {
    const first = this.waiting[0] as Waiting;
    const batch: Waiting[] = [];
    const rest: Waiting[] = [];
    let rows = 0;
    for (const item of this.waiting) {
      const fits =
        batch.length === 0 || (item.shapeKey !== '' && item.shapeKey === first.shapeKey && rows + item.rows <= this.limits.maxRows);
      if (fits) rows += item.rows;
      (fits ? batch : rest).push(item);
    }
    this.waiting = rest;
    this.waitingRows -= rows;
    return batch;
  }

  private start(batch: Waiting[]): void {
    this.running++;
    void this.runBatch(batch).finally(() => {
      this.running--;
      if (this.waiting.length > 0) this.schedule();
    });
  }

  private async runBatch(batch: Waiting[]): Promise<void> {
    const { outputs } = batch[0] as Waiting;
    try {
      const results = await this.run(stack(batch.map((item) => item.inputs)), outputs);
      const pieces = unstack(
        results,
        batch.map((item) => item.rows),
      );
      for (const [position, item] of batch.entries()) item.resolve(pieces[position] as Tensor[]);
    } catch (error) {
      if (batch.length === 1) return batch[0]?.reject(error);
      // one bad request must not fail its neighbours
      for (const item of batch) await this.runBatch([item]);
    }
  }
}
