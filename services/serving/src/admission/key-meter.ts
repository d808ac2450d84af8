import type { AccessLimits } from '@bascule/contracts';
import { TokenBucket } from './token-bucket.js';

const idleMs = 10_000;
/** Below this a demand counts as none. */
const leastDemand = 0.01;

/** What one gateway keeps of one key with limits: its bucket, its requests under way and how much it is asked. */
export class KeyMeter {
  /** Requests under way. */
  running = 0;
  /** Requests per second lately, refused ones included. */
  demand = 0;
  private attempts = 0;
  private bucket: TokenBucket | undefined;
  private slots = Number.POSITIVE_INFINITY;
  /** Ends a request; one function for all of the key. */
  readonly leave = (): void => {
    this.running--;
  };

  constructor(
    private limits: AccessLimits,
    private share: number,
    private lastUsedMs: number,
  ) {
    this.apply(lastUsedMs);
  }

  /** Notes that the key was used, with the limits it has now. */
  touch(limits: AccessLimits, nowMs: number): void {
    this.attempts++;
    this.lastUsedMs = nowMs;
    if (limits === this.limits) return;
    this.limits = limits;
    this.apply(nowMs);
  }

  /** Sets the part of the limits this gateway may give out. */
  setShare(share: number, nowMs: number): void {
    if (share === this.share) return;
    this.share = share;
    this.apply(nowMs);
  }

  hasSlot(): boolean {
    return this.running < this.slots;
  }

  /** Takes a request from the rate. Answers 0, or the milliseconds until there is one again. */
  takeRequest(nowMs: number): number {
    return this.bucket ? this.bucket.take(nowMs) : 0;
  }

  /** Would a request be let in? Takes nothing. */
  wouldEnter(nowMs: number): boolean {
    return this.hasSlot() && (this.bucket?.hasToken(nowMs) ?? true);
  }

  /** To be called once a second: what was asked since then becomes the demand, half old and half new. */
  tick(): void {
    this.demand = (this.demand + this.attempts) / 2;
    if (this.demand < leastDemand) this.demand = 0;
    this.attempts = 0;
  }

  /** True when forgetting it would change nothing. */
  isIdle(nowMs: number): boolean {
    return this.running === 0 && nowMs - this.lastUsedMs > idleMs && (this.bucket?.isFull(nowMs) ?? true);
  }

  private apply(nowMs: number): void {
    const { requestsPerSecond, burst, concurrentRequests } = this.limits;
    // a gateway that is asked admits at least one at a time, however many gateways there are
    this.slots = concurrentRequests === undefined ? Number.POSITIVE_INFINITY : Math.max(1, Math.round(concurrentRequests * this.share));
    if (requestsPerSecond === undefined) {
      this.bucket = undefined;
      return;
    }
    const capacity = Math.max(1, (burst ?? requestsPerSecond) * this.share);
    const perSecond = requestsPerSecond * this.share;
    if (this.bucket) this.bucket.resize(capacity, perSecond, nowMs);
    else this.bucket = new TokenBucket(capacity, perSecond, nowMs);
  }
}
