const windowMs = 5_000;
const maxHeld = 1_000;

/**
 * Failures that could not be put to the other version. Those of one key may all come of what its client sends, and do not count;
 * once a second key has such failures in the same seconds, all of them do.
 */
export class Suspects {
  private readonly lastOf = new Map<string, number>();
  private held: number[] = [];

  /** @returns how many failures count now that did not before */
  note(keyId: string, nowMs: number): number {
    for (const [key, at] of this.lastOf) if (at <= nowMs - windowMs) this.lastOf.delete(key);
    this.lastOf.set(keyId, nowMs);
    this.held = this.held.filter((at) => at > nowMs - windowMs);
    this.held.push(nowMs);
    if (this.lastOf.size === 1) {
      if (this.held.length > maxHeld) this.held.shift();
      return 0;
    }
    const count = this.held.length;
    this.held = [];
    return count;
  }
}
