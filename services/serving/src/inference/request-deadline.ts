import { type Parsed, refuse } from './inference-limits.js';
import type { Parameters } from './inference-parameters.js';

/**
 * When a request must be answered, on the clock of `performance.now()`: the earliest of what its transport says, its parameter
 * `timeout` (microseconds from its arrival, 0 for none: as Triton reads it) and the limit of this server in milliseconds.
 */
export function deadlineOf(
  asked: { readonly deadlineAt?: number | undefined; readonly timeout?: Parameters[string] | undefined },
  arrivedAt: number,
  limitMs: number,
): Parsed<number> {
  const limit = Math.min(arrivedAt + limitMs, asked.deadlineAt ?? Number.POSITIVE_INFINITY);
  if (asked.timeout === undefined) return { ok: true, value: limit };
  const { timeout } = asked;
  // gRPC carries integers as text here, so that none loses a digit
  const microseconds = typeof timeout === 'string' && /^\d{1,20}$/.test(timeout) ? Number(timeout) : timeout;
  if (typeof microseconds !== 'number' || !Number.isInteger(microseconds) || microseconds < 0) {
    return refuse('parameters.timeout must be a whole number of microseconds');
  }
  return { ok: true, value: microseconds === 0 ? limit : Math.min(limit, arrivedAt + microseconds / 1000) };
}
