const shortLifeMs = 10_000;
const longestPauseMs = 10_000;

/** How long to wait before an ended process is started again: not at all after a life of some length, longer after each short one. */
export function restartPauseMs(livedMs: number, shortLives: number): number {
  return livedMs >= shortLifeMs ? 0 : Math.min(longestPauseMs, 100 * 2 ** Math.min(shortLives, 20));
}

/** Short lives in a row, the last one included. */
export function countShortLives(livedMs: number, before: number): number {
  return livedMs >= shortLifeMs ? 0 : before + 1;
}
