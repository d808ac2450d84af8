import type { Finding } from './compare-history.js';

const hourMs = 3_600_000;
/** A tenth of the time may be chance: a batch of every day comes some minutes sooner or later. */
const grace = 1.1;

/** Whether a batch came later after the one before it than its contract promises. */
export function lateBatch(receivedAt: Date, before: readonly { readonly receivedAt: Date }[], mostHours: number | undefined): Finding[] {
  const [last] = before;
  if (mostHours === undefined || !last) return [];
  const hours = (receivedAt.getTime() - last.receivedAt.getTime()) / hourMs;
  const threshold = mostHours * grace;
  if (hours <= threshold) return [];
  const message = `the batch came ${hours.toFixed(1)} hours after the one before it; every ${Number(mostHours.toFixed(3))} hours is promised`;
  return [{ kind: 'late_batch', measured: hours, expected: mostHours, threshold, severity: 'warning', message }];
}
