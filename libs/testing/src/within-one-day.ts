import { eventually } from './eventually.js';

const dayMs = 86_400_000;

/** Waits out the end of a day UTC: what begins now and takes less than `neededMs` does not see the day change. */
export async function withinOneDay(neededMs = 60_000): Promise<void> {
  await eventually(() => Date.now() % dayMs < dayMs - neededMs, { timeoutMs: 2 * neededMs });
}
