export interface BreakerLimits {
  /** Failures in a row after which nobody asks for a while. */
  readonly maxFailures: number;
  readonly pauseMs: number;
  /** The pause doubles with each failed probe, up to this. */
  readonly maxPauseMs: number;
}

/** Stops asking what keeps failing, and finds out with one request at a time whether it works again. Times in ms of any one clock. */
export class CircuitBreaker {
  private failures = 0;
  private pauses = 0;
  private opensAt = 0;
  private isProbing = false;

  constructor(private readonly limits: BreakerLimits) {}

  get isOpen(): boolean {
    return this.pauses > 0;
  }

  /** How long until somebody may ask again; 0 when one may now. */
  waitMs(now: number): number {
    return this.isOpen ? Math.max(0, this.opensAt - now) : 0;
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
    this.pauses = 0;
    this.isProbing = false;
  }

  /** It ended in a way that says nothing about what is asked. */
  ended(): void {
    this.isProbing = false;
  }

  failed(now: number): void {
    this.isProbing = false;
    if (++this.failures < this.limits.maxFailures) return;
    this.opensAt = now + Math.min(this.limits.maxPauseMs, this.limits.pauseMs * 2 ** this.pauses);
    this.pauses = Math.min(this.pauses + 1, 30);
  }
}
