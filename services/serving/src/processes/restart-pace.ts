/** How long a process lived. */
export interface Life {
  readonly ms: number;
  /** True once it took connections. */
  readonly hasListened: boolean;
}

const shortLifeMs = 10_000;
const firstPauseMs = 100;
const longestPauseMs = 10_000;
/** Of one that took connections: to begin takes it seconds anyway, and clients miss it meanwhile. */
const longestPauseOfServerMs = 1_000;

/** How long to wait before an ended process is started again: not at all after a life of some length, longer after each short one. */
export function restartPauseMs({ ms, hasListened }: Life, shortLives: number): number {
  if (ms >= shortLifeMs) return 0;
  return Math.min(hasListened ? longestPauseOfServerMs : longestPauseMs, firstPauseMs * 2 ** Math.min(shortLives, 20));
}

/** Short lives in a row, the last one included. */
export function countShortLives({ ms }: Life, before: number): number {
  return ms >= shortLifeMs ? 0 : before + 1;
}
