import { alphaOfLook, lookNumber } from '@bascule/stats';
import type { MonitoringPolicy } from '../policies/policy.js';
import { type Finding, type Looks, small } from './canary-evidence.js';

type CanaryPolicy = MonitoringPolicy['canary'];

/**
 * How the chance of a false alarm is dealt out to the metrics of a rollout. Each keeps its part whether or not it has
 * something to say, since nobody knows beforehand whether it will.
 */
export const alphaShares = {
  errors: 0.3,
  outputs: 0.25,
  performance: 0.2,
  latency: 0.1,
  calibration: 0.05,
  disagreement: 0.05,
  business: 0.05,
} as const;
export type Metric = keyof typeof alphaShares;

export interface Look {
  readonly metric: Metric;
  /** What the evidence grows by. */
  readonly evidence: number;
  readonly planned: number;
  readonly pValue: number;
  /** What is compared, in words. */
  readonly compared: string;
  readonly figures: Readonly<Record<string, number>>;
}

/** Takes the look that is due, if one is: harm is a p-value below the look's own part of alpha. */
export function takeLook({ metric, evidence, planned, pValue, compared, figures }: Look, looks: Looks, policy: CanaryPolicy): Finding {
  const share = alphaShares[metric];
  const look = lookNumber(evidence, planned);
  const spent = alphaOfLook(look, policy.alpha * share);
  const isDue = look > (looks[metric] ?? 0);
  const all = { ...figures, [`${metric}PValue`]: pValue, [`${metric}Look`]: look, [`${metric}AlphaOfLook`]: spent };
  const taken = isDue ? { look } : {};
  if (isDue && pValue < spent) {
    const reason = `${compared}: one-sided p ${small(pValue)} is below ${small(spent)}, the share of alpha for look ${look}`;
    return { metric, status: 'harm', reason, figures: all, ...taken };
  }
  if (pValue < policy.suspicion * share) {
    return {
      metric,
      status: 'suspected',
      reason: `${compared}: harm is suspected (one-sided p ${small(pValue)}), not shown`,
      figures: all,
      ...taken,
    };
  }
  return { metric, status: 'fine', reason: `${compared}: no evidence of harm`, figures: all, ...taken };
}

/** A metric without anything to compare. */
export function nothingYet(metric: Metric, figures: Readonly<Record<string, number>> = {}): Finding {
  return { metric, status: 'off', reason: '', figures };
}
