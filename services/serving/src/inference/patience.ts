const spanMs = 5_000;
const usableShare = 0.5;

/** How much of the time a request has left may go by here, waiting and running; in any unit. */
export function usableOf(left: number): number {
  return left * usableShare;
}

/**
 * The longest that anybody was ready to wait in the last seconds, on any one clock in milliseconds. By time, not by how many asked: one
 * client that sends any number of requests with hardly any time takes nothing from those that have more.
 */
export class Patience {
  private longest = Number.POSITIVE_INFINITY;
  private before = Number.NEGATIVE_INFINITY;
  private spanFrom = Number.NEGATIVE_INFINITY;

  /** Infinite before anybody said; what was said last stays while nobody says anything. */
  get ms(): number {
    return Math.max(this.longest, this.before);
  }

  note(ms: number, now: number): void {
    const age = now - this.spanFrom;
    if (age < spanMs) {
      this.longest = Math.max(this.longest, ms);
      return;
    }
    // the span before still counts, the one before that no more
    this.before = age < 2 * spanMs ? this.longest : Number.NEGATIVE_INFINITY;
    this.longest = ms;
    this.spanFrom = now;
  }
}
