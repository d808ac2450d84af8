import type { MonitoringPolicy } from '../policies/policy.js';
import type { RolloutEvidence } from './canary-evidence.js';

/** Labelled predictions of each version that a step waits for, when the policy does not say. */
export const expectedLabels = 20;
/** After a start, or an outage, what was answered meanwhile arrives within this time. */
export const catchUpSeconds = 60;

type CanaryPolicy = MonitoringPolicy['canary'];

export interface AwaitedLabels {
  readonly minLabelled: number;
  /** Why the step does without the labels it has not got. */
  readonly without?: string;
}

/**
 * How many labels a step waits for. A policy that says so is obeyed. Else they are waited for where the model's labels have
 * lately come within the time of a step, or still may: months-old claims must neither hold a step up nor count against the version.
 */
export function awaitedLabels(evidence: Waiting, policy: CanaryPolicy): AwaitedLabels {
  if (policy.minLabelled !== null) return { minLabelled: policy.minLabelled };
  const { canary, champion } = evidence.labelled;
  const fewest = Math.min(canary.loss.count, champion.loss.count);
  if (fewest >= expectedLabels) return { minLabelled: expectedLabels };
  const isUsual = evidence.labelledOfLate >= expectedLabels;
  const seconds = isUsual ? stepSeconds(evidence, policy) : Math.min(policy.labelsWithinSeconds, stepSeconds(evidence, policy));
  // labels that came while the judge was away are not late, only unread
  const isOver = evidence.secondsInStep >= seconds && evidence.secondsWatched >= Math.min(seconds, catchUpSeconds);
  if (!isOver) return { minLabelled: expectedLabels };
  const had = `${canary.loss.count} labelled canary predictions and ${champion.loss.count} of the champion in ${seconds} s`;
  return { minLabelled: 0, without: `without labels: ${had}, fewer than ${expectedLabels} of each` };
}

type Waiting = Pick<RolloutEvidence, 'labelled' | 'labelledOfLate' | 'secondsInStep' | 'secondsWatched' | 'strategy'>;

/** How long a step may wait for evidence; how long a test may go on is for those who asked for it to say. */
export function stepSeconds({ strategy }: Pick<RolloutEvidence, 'strategy'>, policy: CanaryPolicy): number {
  return strategy.insufficientAfterSeconds ?? (strategy.kind === 'ab-test' ? Number.POSITIVE_INFINITY : policy.insufficientAfterSeconds);
}
