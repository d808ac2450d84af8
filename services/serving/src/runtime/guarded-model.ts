import { BasculeError } from '@bascule/platform';
import { modelSuspended } from '../errors.js';
import type { Tensor } from '../inference/tensor.js';
import { CircuitBreaker } from './circuit-breaker.js';
import type { HostedModel, RunMeter } from './hosted-model.js';
import { tookProcessDown } from './placed-model.js';

const breakerLimits = { maxFailures: 3, pauseMs: 1_000, maxPauseMs: 60_000 };

/** A hosted model that is left alone for a while when it took its process down several times, and nobody was answered meanwhile. */
export class GuardedModel {
  private readonly breaker: CircuitBreaker;
  /** When the last run ended: what it held up is not the next one's doing. */
  private lastEndedAt = 0;

  /** @param requestDeadlineMs how long those who ask it wait */
  constructor(
    private readonly model: HostedModel,
    requestDeadlineMs: number,
  ) {
    this.breaker = new CircuitBreaker({ ...breakerLimits, maxLostMs: requestDeadlineMs });
  }

  get isSuspended(): boolean {
    return this.breaker.isOpen;
  }

  /** Throws `serving.model_suspended` when it takes no requests now. */
  admit(): void {
    const waitMs = this.breaker.waitMs(performance.now());
    if (waitMs > 0) throw suspended(waitMs);
  }

  async run(inputs: readonly Tensor[], outputs: readonly string[], meter?: RunMeter): Promise<Tensor[]> {
    const now = performance.now();
    if (!this.breaker.enter(now)) throw suspended(this.breaker.waitMs(now));
    try {
      const answer = await this.model.run(inputs, outputs, meter);
      this.breaker.succeeded();
      return answer;
    } catch (error) {
      const endedAt = performance.now();
      if (tookProcessDown(error)) this.breaker.failed(endedAt, endedAt - Math.max(now, this.lastEndedAt));
      // a model that says no is well
      else if (error instanceof BasculeError && error.kind === 'unprocessable') this.breaker.succeeded();
      else this.breaker.ended();
      throw error;
    } finally {
      this.lastEndedAt = performance.now();
    }
  }
}

function suspended(waitMs: number): Error {
  return modelSuspended({ retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) });
}
