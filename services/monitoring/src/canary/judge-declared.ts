import type { AbTest } from '@bascule/contracts';
import { alwaysValidInterval, type Moments, normalTail } from '@bascule/stats';
import type { MonitoringPolicy } from '../policies/policy.js';
import type { Finding, MetricSides, RolloutEvidence } from './canary-evidence.js';
import { alphaShares, nothingYet, takeLook } from './metric-look.js';

type CanaryPolicy = MonitoringPolicy['canary'];

const minCalibrated = 50;
const plannedLabelled = 1_000;

/** Mean and its squared standard error. */
function meanOf({ count, mean, squares }: Moments): { mean: number; variance: number } {
  return { mean, variance: count > 1 ? squares / (count - 1) / count : Number.POSITIVE_INFINITY };
}

/** How far scores are off the labels on average: the canary's may be off by so much more than the champion's. */
export function judgeCalibration({ bias, looks }: RolloutEvidence, policy: CanaryPolicy): Finding {
  const { canary, champion } = bias;
  if (canary.count === 0) return nothingYet('calibration');
  const [a, b] = [meanOf(canary), meanOf(champion)];
  const figures = { canaryCalibrationGap: a.mean, ...(champion.count > 0 ? { championCalibrationGap: b.mean } : {}) };
  if (canary.count < minCalibrated || champion.count < minCalibrated) return nothingYet('calibration', figures);
  const rise = Math.abs(a.mean) - Math.abs(b.mean) - policy.maxCalibrationRise;
  const pValue = normalTail(rise / Math.sqrt(a.variance + b.variance + 1e-12));
  const compared = `labels are ${a.mean.toFixed(3)} above the canary's scores on average, ${b.mean.toFixed(3)} above the champion's`;
  return takeLook({ metric: 'calibration', evidence: canary.count, planned: plannedLabelled, pValue, compared, figures }, looks, policy);
}

/** One version of an A/B test at one moment. */
export interface MetricLevel {
  readonly metricCases: number;
  readonly metricMean: number;
  /** An interval of the mean that holds however often it was looked at; absent while there are too few cases for one. */
  readonly metricLow?: number;
  readonly metricHigh?: number;
}

/** How one version of an A/B test stands in the declared metric; undefined without a case. */
export function metricLevel(side: Moments, { minimumEffect, alpha }: AbTest): MetricLevel | undefined {
  if (side.count === 0) return undefined;
  const level = { metricCases: side.count, metricMean: side.mean };
  if (side.count < 2) return level;
  const variance = Math.max(varianceFloor(side), meanOf(side).variance);
  const { low, high } = alwaysValidInterval({ estimate: side.mean, variance }, minimumEffect, alpha);
  return { ...level, metricLow: low, metricHigh: high };
}

// a share that was never seen to vary may still do so: one case more is counted
function varianceFloor({ count }: Moments): number {
  return 1 / (Math.max(1, count) + 2) ** 2;
}

/** The uplift of the canary in a declared metric, in the direction that is better, and an interval that is valid at every look. */
function upliftOf({ canary, champion }: MetricSides, better: 'higher' | 'lower', scale: number, alpha: number) {
  const [a, b] = [meanOf(canary), meanOf(champion)];
  const sign = better === 'higher' ? 1 : -1;
  const estimate = sign * (a.mean - b.mean);
  const floor = varianceFloor(canary) + varianceFloor(champion);
  const variance = Math.max(floor, a.variance + b.variance);
  const interval =
    canary.count < 2 || champion.count < 2 ? { low: -Infinity, high: Infinity } : alwaysValidInterval({ estimate, variance }, scale, alpha);
  const figures = {
    canaryMetricCases: canary.count,
    championMetricCases: champion.count,
    ...(canary.count > 0 ? { canaryMetric: a.mean } : {}),
    ...(champion.count > 0 ? { championMetric: b.mean } : {}),
    ...(canary.count > 0 && champion.count > 0 ? { uplift: estimate } : {}),
    ...(Number.isFinite(interval.low) ? { upliftLow: interval.low, upliftHigh: interval.high } : {}),
  };
  const cases = `${canary.count} cases against ${champion.count}`;
  const known = Number.isFinite(interval.low)
    ? `uplift ${estimate.toFixed(4)} (${interval.low.toFixed(4)} to ${interval.high.toFixed(4)}) on ${cases}`
    : `too few cases for an uplift: ${cases}`;
  const text = canary.count + champion.count === 0 ? 'no cases yet' : known;
  return { estimate, interval, figures, text };
}

/** The declared business metric of a model: harm is an interval that lies wholly on the worse side, beyond what nobody minds. */
export function judgeBusiness({ declared }: RolloutEvidence, policy: CanaryPolicy): Finding {
  if (!policy.business || !declared) return nothingYet('business');
  const { better, harmless } = policy.business;
  // half of the interval is on the side that decides
  const { interval, figures, text } = upliftOf(declared, better, Math.max(harmless, 1e-6), 2 * policy.alpha * alphaShares.business);
  const isHarm = interval.high < -harmless;
  return { metric: 'business', status: isHarm ? 'harm' : 'fine', reason: `declared metric: ${text}`, figures };
}

/** What an A/B test says. */
export interface AbOutcome {
  /** `no-uplift`: neither version is better by what is worth having. */
  readonly outcome: 'better' | 'worse' | 'no-uplift' | 'open';
  readonly reason: string;
  readonly figures: Readonly<Record<string, number>>;
}

/**
 * Stops an A/B test as soon as its interval tells: above zero, below zero, or nowhere as large as the uplift worth having;
 * and when there were as many cases as were declared to be enough.
 */
export function judgeAbTest(sides: MetricSides, test: AbTest): AbOutcome {
  const { interval, figures, text } = upliftOf(sides, test.better, test.minimumEffect, test.alpha);
  const cases = Math.min(sides.canary.count, sides.champion.count);
  if (interval.low > 0) return { outcome: 'better', reason: `the version is better: ${text}`, figures };
  if (interval.high < 0) return { outcome: 'worse', reason: `the version is worse: ${text}`, figures };
  if (interval.high < test.minimumEffect) {
    return { outcome: 'no-uplift', reason: `no uplift of ${test.minimumEffect} any more: ${text}`, figures };
  }
  if (cases >= test.maxPerVersion) {
    return { outcome: 'no-uplift', reason: `no uplift shown on ${test.maxPerVersion} cases per version: ${text}`, figures };
  }
  return { outcome: 'open', reason: `the test goes on: ${text}`, figures };
}
