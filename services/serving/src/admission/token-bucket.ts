/** A token, less what adding up fractions loses. */
const whole = 1 - 1e-9;

/** A bucket of tokens that fills by itself; each request takes one. Times are milliseconds of one clock that never goes back. */
export class TokenBucket {
  private tokens: number;

  /** Starts full. */
  constructor(
    private capacity: number,
    private perSecond: number,
    private filledAtMs: number,
  ) {
    this.tokens = capacity;
  }

  /** Takes a token. Answers 0, or the milliseconds until there is one. */
  take(nowMs: number): number {
    this.fill(nowMs);
    if (this.tokens >= whole) {
      this.tokens = Math.max(0, this.tokens - 1);
      return 0;
    }
    return ((1 - this.tokens) / this.perSecond) * 1000;
  }

  /** Is there a token? Takes none. */
  hasToken(nowMs: number): boolean {
    this.fill(nowMs);
    return this.tokens >= whole;
  }

  /** Changes size and speed; what is in it stays, as far as it fits. */
  resize(capacity: number, perSecond: number, nowMs: number): void {
    this.fill(nowMs);
    this.capacity = capacity;
    this.perSecond = perSecond;
    this.tokens = Math.min(this.tokens, capacity);
  }

  isFull(nowMs: number): boolean {
    this.fill(nowMs);
    return this.tokens >= this.capacity * whole;
  }

  private fill(nowMs: number): void {
    if (nowMs <= this.filledAtMs) return;
    this.tokens = Math.min(this.capacity, this.tokens + ((nowMs - this.filledAtMs) / 1000) * this.perSecond);
    this.filledAtMs = nowMs;
  }
}
