import { latencyBin, latencyQuantile } from './latency-bins.js';

const slotMs = 500;

/** Kinds of requests that are told apart in half a second: more keys and sizes than that are rare. */
const maxKinds = 32;

/** Requests that are alike but for their values: of one key, and of about one size. */
export interface RequestKind {
  readonly keyId: string;
  /** Grows by one when inputs are four times as large. */
  readonly sizeClass: number;
}

interface Slot {
  /** Number of the half second this slot holds. */
  at: number;
  answered: number;
  failed: number;
  bins: Uint32Array | undefined;
  /** Answers by kind and latency bin. */
  kinds: Map<string, KindCount>;
}

interface KindCount extends RequestKind {
  readonly bins: Map<number, number>;
}

/** What a version answered in the last seconds. */
export interface Recent {
  readonly answered: number;
  readonly failed: number;
  /** Answers by latency bin. */
  readonly latency: readonly number[];
  /** The same by kind of request, as far as it is known. */
  readonly kinds?: readonly RecentKind[];
}

export interface RecentKind extends RequestKind {
  readonly latency: readonly number[];
}

/** Counts answers and failures of the last seconds in slots of half a second, at a cost that does not grow with them. */
export class RecentAnswers {
  private readonly slots: Slot[];

  constructor(windowMs = 5_000) {
    this.slots = Array.from({ length: Math.ceil(windowMs / slotMs) }, () => ({
      at: -1,
      answered: 0,
      failed: 0,
      bins: undefined,
      kinds: new Map(),
    }));
  }

  /** @param nowMs of any one clock */
  answered(nowMs: number, latencyUs: number, kind?: RequestKind): void {
    const slot = this.slot(nowMs);
    const bin = latencyBin(latencyUs);
    slot.answered++;
    slot.bins ??= new Uint32Array(200);
    slot.bins[bin]!++;
    if (kind) noteKind(slot.kinds, kind, bin, 1);
  }

  failed(nowMs: number, times = 1): void {
    this.slot(nowMs).failed += times;
  }

  read(nowMs: number): Recent {
    const oldest = Math.floor(nowMs / slotMs) - this.slots.length + 1;
    let answered = 0;
    let failed = 0;
    const latency: number[] = [];
    const kinds = new Map<string, KindCount>();
    for (const slot of this.slots) {
      if (slot.at < oldest) continue;
      answered += slot.answered;
      failed += slot.failed;
      slot.bins?.forEach((count, bin) => {
        if (count === 0) return;
        while (latency.length <= bin) latency.push(0);
        latency[bin]! += count;
      });
      for (const kind of slot.kinds.values()) for (const [bin, count] of kind.bins) noteKind(kinds, kind, bin, count);
    }
    return { answered, failed, latency, kinds: [...kinds.values()].map(latencyOf) };
  }

  private slot(nowMs: number): Slot {
    const at = Math.floor(nowMs / slotMs);
    const slot = this.slots[at % this.slots.length]!;
    if (slot.at !== at) {
      slot.at = at;
      slot.answered = 0;
      slot.failed = 0;
      slot.bins = undefined;
      slot.kinds = new Map();
    }
    return slot;
  }
}

function noteKind(kinds: Map<string, KindCount>, { keyId, sizeClass }: RequestKind, bin: number, count: number): void {
  const name = `${keyId} ${sizeClass}`;
  let kind = kinds.get(name);
  if (!kind) {
    if (kinds.size >= maxKinds) return;
    kind = { keyId, sizeClass, bins: new Map() };
    kinds.set(name, kind);
  }
  kind.bins.set(bin, (kind.bins.get(bin) ?? 0) + count);
}

function latencyOf({ keyId, sizeClass, bins }: KindCount): RecentKind {
  const latency = new Array<number>(Math.max(...bins.keys()) + 1).fill(0);
  for (const [bin, count] of bins) latency[bin] = count;
  return { keyId, sizeClass, latency };
}

/** Answers that took longer than a latency in microseconds. */
export function slowerThan({ latency }: Pick<Recent, 'latency'>, us: number): number {
  const bin = latencyBin(us);
  let count = 0;
  for (let i = bin + 1; i < latency.length; i++) count += latency[i]!;
  return count;
}

/** The latency below which a share of the answers lies. */
export function quantileOf({ latency }: Pick<Recent, 'latency'>, share: number): number | undefined {
  return latencyQuantile(latency, share);
}
