export interface EventuallyOptions {
  /** How long it waits, in time that the test itself was given: a machine with too much to do makes it wait longer. */
  timeoutMs?: number;
  /** Between two looks; a little longer the longer it has waited, when absent. */
  intervalMs?: number;
}

const [firstIntervalMs, longestIntervalMs] = [25, 75];
/** A round that took longer than so many intervals was slow because of the machine. */
const slowRoundIntervals = 2;

/** Runs `check` again and again until it neither throws nor answers false; then answers its result. */
export async function eventually<T>(check: () => Promise<T> | T, options: EventuallyOptions = {}): Promise<T> {
  const { timeoutMs = 60_000, intervalMs } = options;
  for (let waitedMs = 0; ; ) {
    const startedAt = performance.now();
    let failure: unknown;
    try {
      const result = await check();
      if (result !== false) return result;
      failure = new Error(`not so within ${timeoutMs} ms: ${check.toString().slice(0, 200)}`);
    } catch (error) {
      failure = error;
    }
    if (waitedMs > timeoutMs) throw failure;
    const pauseMs = intervalMs ?? Math.min(longestIntervalMs, firstIntervalMs + waitedMs / 20);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    waitedMs += Math.min(performance.now() - startedAt, Math.max(firstIntervalMs, pauseMs) * slowRoundIntervals);
  }
}
