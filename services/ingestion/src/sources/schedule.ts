const longestSeconds = 3600;

/** How long to wait after so many failures in a row: twice as long each time, up to an hour or the schedule of the source. */
export function nextRunSeconds(everySeconds: number, failures: number): number {
  return Math.min(everySeconds * 2 ** Math.min(failures, 20), Math.max(longestSeconds, everySeconds));
}
