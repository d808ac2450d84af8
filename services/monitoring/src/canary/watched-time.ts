/** How long something has been known without a break. */
export class WatchedTime {
  private since: number | undefined;

  /** @param nowMs of any one clock; @returns seconds since it began to be known; 0 while it is not */
  seconds(isKnown: boolean, nowMs: number): number {
    if (!isKnown) {
      this.since = undefined;
      return 0;
    }
    this.since ??= nowMs;
    return (nowMs - this.since) / 1000;
  }

  /** It may have changed unheard: the time begins anew. */
  interrupt(): void {
    this.since = undefined;
  }
}
