const dayMs = 86_400_000;

/** Days since 1970, UTC. */
export function dayOf(nowMs: number): number {
  return Math.floor(nowMs / dayMs);
}

/** Whole seconds until the next midnight UTC. */
export function secondsToMidnight(nowMs: number): number {
  return Math.ceil(((dayOf(nowMs) + 1) * dayMs - nowMs) / 1000);
}

/** Rows of a key today. */
export interface RowCount {
  /** Answered or under way here. */
  own: number;
  /** What the other gateways told. */
  others: number;
}

/** Rows of one day by key: those answered here, and those the other gateways told of. */
export class DailyRows {
  private readonly counts = new Map<string, RowCount>();

  constructor(private currentDay: number) {}

  get day(): number {
    return this.currentDay;
  }

  /** Starts anew when the day has changed. */
  turn(day: number): void {
    if (day === this.currentDay) return;
    this.currentDay = day;
    this.counts.clear();
  }

  /** The counters of a key, good until the day is over. */
  of(keyId: string): RowCount {
    const known = this.counts.get(keyId);
    if (known) return known;
    const count = { own: 0, others: 0 };
    this.counts.set(keyId, count);
    return count;
  }

  /** Forgets what the other gateways told. */
  clearOthers(): void {
    for (const count of this.counts.values()) count.others = 0;
  }

  /** Rows counted here, by key. */
  own(): Map<string, number> {
    const own = new Map<string, number>();
    for (const [keyId, count] of this.counts) if (count.own > 0) own.set(keyId, count.own);
    return own;
  }
}
