import type { ReferenceProfile } from '@bascule/contracts';
import { aucInterval, brier, hanleyMcNeilError, logLossOf, momentsOf, normalQuantile } from '@bascule/stats';
import type { MonitoringPolicy } from '../policies/policy.js';

export interface MetricVerdict {
  metric: 'auc' | 'logLoss' | 'brier' | 'accuracy' | 'f1Macro' | 'mae' | 'rmse';
  value: number;
  reference: number;
  standardError: number;
  verdict: 'degraded' | 'steady' | 'insufficient-data';
  reasons: string[];
}

/** Clipping keeps one certain mistake from deciding the mean of a window. */
const smallestProbability = 1e-6;

/**
 * Compares labelled predictions of a window with the reference hold-out: AUC by DeLong's error, log loss by a normal test of the mean.
 * Degraded means worse by a margin that matters and by more than both samples' errors explain.
 */
export function judgePerformance(
  scores: readonly number[],
  labels: readonly number[],
  reference: NonNullable<ReferenceProfile['performance']>,
  policy: MonitoringPolicy['performance'],
): MetricVerdict[] {
  const positives = labels.filter((label) => label === 1).length;
  const negatives = labels.length - positives;
  if (labels.length < policy.minLabelled || Math.min(positives, negatives) < 10) {
    const reasons = [
      `${labels.length} labelled predictions, ${positives} positive: at least ${policy.minLabelled} and 10 of each class are needed`,
    ];
    return [{ metric: 'auc', value: 0, reference: reference.auc, standardError: 0, verdict: 'insufficient-data', reasons }];
  }
  const z = normalQuantile(1 - policy.falseReportChance);
  const judged = (
    metric: keyof typeof name,
    value: number,
    published: number,
    error: number,
    worse: number,
    margin: number,
  ): MetricVerdict => {
    const isDegraded = worse > margin && worse > z * error;
    const reasons = [
      `${name[metric]} ${value.toFixed(3)} on ${labels.length} labelled predictions (${positives} positive), ${published.toFixed(3)} on the hold-out`,
      `worse by ${worse.toFixed(3)}; sampling alone explains up to ${(z * error).toFixed(3)}, and ${margin.toFixed(3)} would not matter`,
    ];
    return { metric, value, reference: published, standardError: error, verdict: isDegraded ? 'degraded' : 'steady', reasons };
  };

  const area = aucInterval(scores, labels);
  const referenceNegatives = reference.rowCount - reference.positiveCount;
  const areaError = Math.hypot(area.standardError, hanleyMcNeilError(reference.auc, reference.positiveCount, referenceNegatives) || 0);
  const losses = momentsOf(scores.map((score, i) => logLossOf(score, labels[i]!, smallestProbability)));
  const variance = losses.squares / Math.max(1, losses.count - 1);
  // the profile has no spread of its log loss: the window's own stands in for it
  const lossError = Math.sqrt(variance / losses.count + variance / Math.max(1, reference.rowCount));
  const mean = brier(scores, labels);
  return [
    judged('auc', area.auc, reference.auc, areaError, reference.auc - area.auc, policy.minAucLoss),
    judged('logLoss', losses.mean, reference.logLoss, lossError, losses.mean - reference.logLoss, policy.minLogLossGain),
    {
      metric: 'brier',
      value: mean,
      reference: reference.brier,
      standardError: 0,
      verdict: 'steady',
      reasons: [`Brier ${mean.toFixed(3)}, ${reference.brier.toFixed(3)} on the hold-out`],
    },
  ];
}

const name = { auc: 'AUC', logLoss: 'log loss', brier: 'Brier' } as const;
