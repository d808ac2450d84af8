/** What a job has done lately. */
export interface RecentRows {
  readonly rows: number;
  /** Time that these rows took, in seconds. */
  readonly seconds: number;
}

export interface Pace {
  /** Null while nobody can tell. */
  readonly rowsPerSecond: number | null;
  readonly secondsLeft: number | null;
}

/** How fast a job gets on and when it will be done; the number of rows is not known before the input is cut. */
export function paceOf(recent: RecentRows, rowsDone: number, rowsTotal: number | null): Pace {
  if (recent.rows === 0 || recent.seconds <= 0) return { rowsPerSecond: null, secondsLeft: null };
  const rate = recent.rows / recent.seconds;
  const secondsLeft = rowsTotal === null ? null : Math.ceil(Math.max(0, rowsTotal - rowsDone) / rate);
  return { rowsPerSecond: Math.round(rate * 10) / 10, secondsLeft };
}
