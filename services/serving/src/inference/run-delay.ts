const memoryMs = 500;
/** What is seen before anything was: too little to say more than that a run takes what it takes. */
const priorMs = 20;
const most = 20;

/**
 * How many times as long as they compute runs take one after another, learnt from the last second in which they queued up:
 * what waits behind them waits for whatever keeps the processor from them as well. Times on one clock, in ms.
 */
export class RunDelay {
  private tookMs = 0;
  private computedMs = 0;
  private seenAt = Number.NEGATIVE_INFINITY;

  /** A run ended so long after the one before it, behind which it had waited. */
  observe(tookMs: number, computedMs: number, now: number): void {
    const left = this.left(now);
    this.tookMs = this.tookMs * left + tookMs;
    this.computedMs = this.computedMs * left + computedMs;
    this.seenAt = now;
  }

  /** At least 1. */
  times(now: number): number {
    const left = this.left(now);
    const times = (this.tookMs * left + priorMs) / (this.computedMs * left + priorMs);
    return Math.min(most, Math.max(1, times));
  }

  private left(now: number): number {
    return Math.exp(-Math.max(0, now - this.seenAt) / memoryMs);
  }
}
