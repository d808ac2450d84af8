export interface BreakerLimits {
  /** Failures in a row after which nobody asks for a while. */
  readonly maxFailures: number;
  readonly pauseMs: number;
  /** The pause doubles with each failed probe, up to this. */
  readonly maxPauseMs: number;
  /**
   * What several failures may cost others: half of this in a row, and all of it, with successes between, within twice the time.
   * No bound when absent.
   */
  readonly maxLostMs?: number;
}

interface Failure {
  readonly at: number;
  readonly lostMs: number;
}

/** Stops asking what keeps failing, and finds out with one request at a time whether it works again. Times in ms of any one clock. */
export class CircuitBreaker {
  /** Since the last success. */
  private failures = 0;
  private lostInRowMs = 0;
  private recent: Failure[] = [];
  private pauses = 0;
  private opensAt = 0;
  private isProbing = false;

  constructor(private readonly limits: BreakerLimits) {}

  get isOpen(): boolean {
    return this.pauses > 0;
  }

  /** How long until somebody may ask again; 0 when one may now. While a probe is under way nobody else may. */
  waitMs(now: number): number {
    if (!this.isOpen) return 0;
    return Math.max(this.isProbing ? this.limits.pauseMs : 0, this.opensAt - now);
  }

  /** May this request go through? While open, after the pause, one at a time may: end it with `succeeded`, `failed` or `ended`. */
  enter(now: number): boolean {
    if (!this.isOpen) return true;
    if (this.isProbing || now < this.opensAt) return false;
    this.isProbing = true;
    return true;
  }

  succeeded(): void {
    this.failures = 0;
    this.lostInRowMs = 0;
    // what was lost before it paused has been paid for
    if (this.isOpen) this.recent = [];
    this.pauses = 0;
    this.isProbing = false;
  }

  /** It ended in a way that says nothing about what is asked. */
  ended(): void {
    this.isProbing = false;
  }

  /** @param lostMs for how long nobody else could be answered because of it */
  failed(now: number, lostMs = 0): void {
    this.isProbing = false;
    this.failures++;
    this.lostInRowMs += lostMs;
    this.note(now, lostMs);
    if (!this.isOpen && !this.isTooMuch()) return;
    const { pauseMs, maxPauseMs } = this.limits;
    // a probe may cost as much again: it is not to take more than its share of the time
    this.opensAt = now + Math.min(maxPauseMs, Math.max(pauseMs, lostMs) * 2 ** this.pauses);
    this.pauses = Math.min(this.pauses + 1, 30);
  }

  private note(now: number, lostMs: number): void {
    const { maxLostMs } = this.limits;
    if (maxLostMs === undefined) return;
    this.recent = [...this.recent.filter(({ at }) => now - at < 2 * maxLostMs), { at: now, lostMs }];
  }

  private isTooMuch(): boolean {
    const { maxFailures, maxLostMs = Number.POSITIVE_INFINITY } = this.limits;
    if (this.failures >= maxFailures) return true;
    if (this.failures > 1 && this.lostInRowMs >= maxLostMs / 2) return true;
    return this.recent.length > 1 && this.recent.reduce((sum, { lostMs }) => sum + lostMs, 0) >= maxLostMs;
  }
}
