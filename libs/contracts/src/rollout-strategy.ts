import { z } from 'zod';

/**
 * What an A/B test decides by, per prediction: the share of cases that clients decided with this outcome, or the mean of
 * the labels that came (a conversion, a cost).
 */
export const abMetric = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('decision'), outcome: z.string().min(1).max(100) }),
  z.object({ kind: z.literal('label') }),
]);
export type AbMetric = z.infer<typeof abMetric>;

/** An A/B test: it stops as soon as the confidence interval of the uplift, which may be looked at at any time, tells. */
export const abTest = z.object({
  metric: abMetric,
  better: z.enum(['higher', 'lower']).default('higher'),
  /** The smallest uplift worth having, in the unit of the metric. */
  minimumEffect: z.number().positive(),
  /** Chance that an uplift is claimed where there is none. */
  alpha: z.number().min(0.0001).max(0.2).default(0.05),
  /** So many cases per version are enough: without an uplift by then the test has no winner, and the champion stays. */
  maxPerVersion: z.int().min(10).default(100_000),
});
export type AbTest = z.infer<typeof abTest>;

/**
 * How a rollout goes up. `canary` (when absent): by the steps, each on a verdict. `all-at-once`: everything at once.
 * `blue-green`: everything at once, the former version kept loaded for an instant return. `shadow`: copies only, until a
 * person finishes it. `ab-test`: the first step as a fixed split, until the declared metric tells.
 */
export const rolloutKind = z.enum(['canary', 'all-at-once', 'blue-green', 'shadow', 'ab-test']);
export type RolloutKind = z.infer<typeof rolloutKind>;

export const rolloutStrategy = z.object({
  /** Share of requests per step, in percent, ending at 100. */
  steps: z.array(z.int().min(1).max(100)).min(1),
  kind: rolloutKind.optional(),
  /** How long each step lasts at least; of `blue-green`: how long the former version is kept for a return. */
  minSeconds: z.int().min(0).max(2_592_000).optional(),
  /** Requests that the version has to have answered in a step. */
  minRequests: z.int().min(0).max(100_000_000).optional(),
  /** When evidence is still short after so many seconds of a step, that counts as `onInsufficient` says: `fail` when absent. */
  insufficientAfterSeconds: z.int().min(1).max(2_592_000).optional(),
  onInsufficient: z.enum(['fail', 'pass']).optional(),
  /** Of `shadow`: how many percent of the champion's requests are copied; all when absent. */
  shadowPercent: z.int().min(1).max(100).optional(),
  /** While the version answers everything: how many percent of the requests the champion sees a copy of, for the judge to compare with; 10 when absent. */
  baselinePercent: z.int().min(1).max(100).optional(),
  /** Of `ab-test`: what decides. */
  test: abTest.optional(),
});

/** What keeps a strategy from being followed; empty when nothing does. */
export function strategyFaults({ kind = 'canary', steps, test }: RolloutStrategy): string[] {
  const faults: string[] = [];
  if (steps.at(-1) !== 100 || steps.some((step, index) => index > 0 && step <= steps[index - 1]!)) faults.push('steps grow and end at 100');
  if (kind === 'ab-test' && (steps.length !== 2 || !test)) faults.push('an A/B test has two steps, its split and 100, and a test');
  if (kind !== 'ab-test' && test) faults.push('only an A/B test has a test');
  if (kind !== 'canary' && kind !== 'ab-test' && steps.length !== 1) faults.push(`${kind} has the one step 100`);
  return faults;
}
export type RolloutStrategy = z.infer<typeof rolloutStrategy>;
