import type { Tensor } from '../inference/tensor.js';
import type { Graph } from './frame.js';
import type { HostedModel, RunMeter } from './hosted-model.js';

/** A model of this process. */
export interface InlineSession {
  run(inputs: readonly Tensor[], outputs: readonly string[]): Promise<Tensor[]>;
  release(): Promise<void>;
}

const maxSlowInARow = 3;

/**
 * A model that runs in the gateway's own process while requests are small, and in its own process otherwise. That one stays:
 * it takes what is beyond the bound, and everything once runs were slower than was measured.
 */
export class InlineModel implements HostedModel {
  private isTrusted = true;
  private running = 0;
  private slowInARow = 0;
  private isUnloaded = false;

  constructor(
    private readonly isolated: HostedModel,
    private readonly session: InlineSession,
    private readonly limits: {
      /** More rows run in the process of the model. */
      readonly maxRows: number;
      /** After three runs in a row that took longer, no more run here. */
      readonly maxMs: number;
      readonly onSlow: (elapsedMs: number) => void;
    },
  ) {}

  get graph(): Graph {
    return this.isolated.graph;
  }

  get usefulRows(): number {
    return this.limits.maxRows;
  }

  get isInline(): boolean {
    return this.isTrusted;
  }

  async run(inputs: readonly Tensor[], outputs: readonly string[], meter?: RunMeter): Promise<Tensor[]> {
    const rows = inputs[0]?.shape[0] ?? 1;
    if (!this.isTrusted || rows > this.limits.maxRows || rows === 0) return this.isolated.run(inputs, outputs, meter);
    this.running++;
    // the runtime begins on a turn of its own: what happens before it does is not the run's
    let begunAt = performance.now();
    setImmediate(() => {
      begunAt = performance.now();
    });
    try {
      const answer = await this.session.run(inputs, outputs);
      const tookMs = performance.now() - begunAt;
      if (meter) meter.ms = tookMs;
      this.watch(tookMs);
      return answer;
    } catch {
      // what is wrong is told by the process whose business it is
      return await this.isolated.run(inputs, outputs, meter);
    } finally {
      this.running--;
      if (this.isUnloaded && this.running === 0) void this.session.release();
    }
  }

  async unload(): Promise<void> {
    this.isUnloaded = true;
    if (this.running === 0) await this.session.release();
    await this.isolated.unload();
  }

  // one slow run may be the system's doing, which had something else to run
  private watch(elapsedMs: number): void {
    this.slowInARow = elapsedMs > this.limits.maxMs ? this.slowInARow + 1 : 0;
    if (this.slowInARow < maxSlowInARow || !this.isTrusted) return;
    this.isTrusted = false;
    this.limits.onSlow(elapsedMs);
  }
}
