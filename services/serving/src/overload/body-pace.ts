/** How long a body may take; in milliseconds. */
export interface BodyPatience {
  /** Without anything of it coming, and before the pace counts. */
  readonly silentMs: number;
  /** In all. */
  readonly totalMs: number;
}

/** How a body comes. */
export interface BodyProgress {
  readonly tookMs: number;
  /** Since something came of it. */
  readonly silentMs: number;
  readonly bytes: number;
}

/** Who sends more slowly holds a place rather than asks something. */
const leastBytesPerSecond = 16_384;

/** True for a body that nobody waits for any longer: of which nothing comes, or which never ends. */
export function isTooSlow({ tookMs, silentMs, bytes }: BodyProgress, patience: BodyPatience): boolean {
  if (silentMs > patience.silentMs || tookMs > patience.totalMs) return true;
  return tookMs > patience.silentMs + (bytes / leastBytesPerSecond) * 1000;
}
