import { latencyBin, latencyQuantile } from './latency-bins.js';

const slotMs = 500;

interface Slot {
  /** Number of the half second this slot holds. */
  at: number;
  answered: number;
  failed: number;
  bins: Uint32Array | undefined;
}

/** What a version answered in the last seconds. */
export interface Recent {
  readonly answered: number;
  readonly failed: number;
  /** Answers by latency bin. */
  readonly latency: readonly number[];
}

/** Counts answers and failures of the last seconds in slots of half a second, at a cost that does not grow with them. */
export class RecentAnswers {
  private readonly slots: Slot[];

  constructor(windowMs = 5_000) {
    this.slots = Array.from({ length: Math.ceil(windowMs / slotMs) }, () => ({ at: -1, answered: 0, failed: 0, bins: undefined }));
  }

  /** @param nowMs of any one clock */
  answered(nowMs: number, latencyUs: number): void {
    const slot = this.slot(nowMs);
    slot.answered++;
    slot.bins ??= new Uint32Array(200);
    slot.bins[latencyBin(latencyUs)]!++;
  }

  failed(nowMs: number, times = 1): void {
    this.slot(nowMs).failed += times;
  }

  read(nowMs: number): Recent {
    const oldest = Math.floor(nowMs / slotMs) - this.slots.length + 1;
    let answered = 0;
    let failed = 0;
    const latency: number[] = [];
    for (const slot of this.slots) {
      if (slot.at < oldest) continue;
      answered += slot.answered;
      failed += slot.failed;
      slot.bins?.forEach((count, bin) => {
        if (count === 0) return;
        while (latency.length <= bin) latency.push(0);
        latency[bin]! += count;
      });
    }
    return { answered, failed, latency };
  }

  private slot(nowMs: number): Slot {
    const at = Math.floor(nowMs / slotMs);
    const slot = this.slots[at % this.slots.length]!;
    if (slot.at !== at) {
      slot.at = at;
      slot.answered = 0;
      slot.failed = 0;
      slot.bins = undefined;
    }
    return slot;
  }
}

/** Answers that took longer than a latency in microseconds. */
export function slowerThan({ latency }: Recent, us: number): number {
  const bin = latencyBin(us);
  let count = 0;
  for (let i = bin + 1; i < latency.length; i++) count += latency[i]!;
  return count;
}

/** The latency below which a share of the answers lies. */
export function quantileOf({ latency }: Recent, share: number): number | undefined {
  return latencyQuantile(latency, share);
}
