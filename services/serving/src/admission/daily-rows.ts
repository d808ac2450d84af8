const dayMs = 86_400_000;

/** Days since 1970, UTC. */
export function dayOf(nowMs: number): number {
  return Math.floor(nowMs / dayMs);
}

/** Whole seconds until the next midnight UTC. */
export function secondsToMidnight(nowMs: number): number {
  return Math.ceil(((dayOf(nowMs) + 1) * dayMs - nowMs) / 1000);
}

/** Rows of one day by key: those answered here, and those the other gateways told of. */
export class DailyRows {
  private readonly own = new Map<string, number>();
  private readonly others = new Map<string, number>();

  constructor(private currentDay: number) {}

  get day(): number {
    return this.currentDay;
  }

  /** Starts anew when the day has changed. Answers whether it has. */
  turn(day: number): boolean {
    if (day === this.currentDay) return false;
    this.currentDay = day;
    this.own.clear();
    this.others.clear();
    return true;
  }

  /** Rows of a key today, over all gateways as far as known. */
  total(keyId: string): number {
    return (this.own.get(keyId) ?? 0) + (this.others.get(keyId) ?? 0);
  }

  /** Counts rows that are answered or under way here; fewer than none gives back. */
  add(keyId: string, rows: number): void {
    this.own.set(keyId, Math.max(0, (this.own.get(keyId) ?? 0) + rows));
  }

  /** Counts rows another gateway told of; fewer than none takes back what it told before. */
  addOthers(keyId: string, rows: number): void {
    this.others.set(keyId, (this.others.get(keyId) ?? 0) + rows);
  }

  /** Forgets what the other gateways told. */
  clearOthers(): void {
    this.others.clear();
  }

  /** Rows counted here, by key. */
  ownRows(): ReadonlyMap<string, number> {
    return this.own;
  }
}
