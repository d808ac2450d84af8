import { logGamma, normalTail } from './normal.js';

/** Events among trials. */
export interface Rate {
  readonly events: number;
  readonly trials: number;
}

/** What two arms saw in the same stretch of time. */
export interface RateStratum {
  readonly a: Rate;
  readonly b: Rate;
}

/** Up to so many events in all the distribution is computed event by event; above, the normal one is as good. */
const exactUpTo = 2_000;

/**
 * One-sided test that events are more frequent in arm a than in arm b, over strata whose rates may differ: the chance of
 * so many or more events in a, given the events of each stratum, if both arms were alike (conditional and exact; with one
 * stratum it is Fisher's). Strata in which an arm has no trial say nothing.
 */
export function stratifiedMoreFrequent(strata: readonly RateStratum[]): number {
  const used = strata.filter(({ a, b }) => a.trials > 0 && b.trials > 0 && a.events + b.events > 0);
  if (used.length === 0) return 1;
  const events = used.reduce((sum, { a, b }) => sum + a.events + b.events, 0);
  const seen = used.reduce((sum, { a }) => sum + a.events, 0);
  return events <= exactUpTo ? exactTail(used, seen) : approximateTail(used, seen);
}

function exactTail(strata: readonly RateStratum[], seen: number): number {
  // distribution of the sum: one stratum folded in after the other
  let distribution = Float64Array.of(1);
  for (const { a, b } of strata) {
    const one = hypergeometric(a.trials, b.trials, a.events + b.events);
    const folded = new Float64Array(distribution.length + one.length - 1);
    for (let i = 0; i < distribution.length; i++) {
      const weight = distribution[i]!;
      if (weight === 0) continue;
      for (let j = 0; j < one.length; j++) folded[i + j]! += weight * one[j]!;
    }
    distribution = folded;
  }
  let tail = 0;
  for (let x = distribution.length - 1; x >= seen; x--) tail += distribution[x]!;
  return Math.min(1, tail);
}

/** Chances of 0, 1, 2, ... of the events falling into the first arm. */
function hypergeometric(n: number, m: number, events: number): Float64Array {
  const all = logChoose(n + m, events);
  return Float64Array.from({ length: Math.min(n, events) + 1 }, (_, x) => Math.exp(logChoose(n, x) + logChoose(m, events - x) - all));
}

function approximateTail(strata: readonly RateStratum[], seen: number): number {
  let mean = 0;
  let variance = 0;
  for (const { a, b } of strata) {
    const [n, m, k] = [a.trials, b.trials, a.events + b.events];
    const all = n + m;
    mean += (k * n) / all;
    variance += (k * (n / all) * (m / all) * (all - k)) / Math.max(1, all - 1);
  }
  return variance === 0 ? 1 : normalTail((seen - 0.5 - mean) / Math.sqrt(variance));
}

function logChoose(n: number, k: number): number {
  return k < 0 || k > n ? Number.NEGATIVE_INFINITY : logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
}
