import { midranks } from './auc-interval.js';
import { findRoot } from './find-root.js';
import { normalQuantile, normalTail } from './normal.js';

export interface MannWhitney {
  /** U of the experiment. */
  statistic: number;
  /** Two-sided, normal approximation with tie and continuity correction. */
  pValue: number;
  /** Hodges-Lehmann shift, experiment minus control. */
  estimate: number;
  low: number;
  high: number;
}

/** Mann-Whitney test with its confidence interval as R's `wilcox.test(exact = FALSE, conf.int = TRUE)`, on which Kayenta's judge is built. */
export function mannWhitney(experiment: readonly number[], control: readonly number[], confidence = 0.95): MannWhitney {
  const low = Math.min(...experiment) - Math.max(...control);
  const high = Math.max(...experiment) - Math.min(...control);
  const z = (shift: number, corrected: boolean) => standardised(experiment, control, shift, corrected);
  const root = (at: number, corrected: boolean) => {
    const atLow = z(low, corrected) - at;
    if (atLow <= 0) return low;
    const atHigh = z(high, corrected) - at;
    if (atHigh >= 0) return high;
    return findRoot((shift) => z(shift, corrected) - at, low, high, 1e-4);
  };
  const reach = normalQuantile(1 - (1 - confidence) / 2);
  return {
    statistic: rankSum(experiment, control, 0).u,
    pValue: Math.min(1, 2 * normalTail(Math.abs(z(0, true)))),
    estimate: root(0, false),
    low: root(reach, true),
    high: root(-reach, true),
  };
}

function rankSum(experiment: readonly number[], control: readonly number[], shift: number) {
  const ranks = midranks([...experiment.map((value) => value - shift), ...control]);
  let sum = 0;
  for (let i = 0; i < experiment.length; i++) sum += ranks[i]!;
  return { u: sum - (experiment.length * (experiment.length + 1)) / 2, ranks };
}

function standardised(experiment: readonly number[], control: readonly number[], shift: number, corrected: boolean): number {
  const [n, m] = [experiment.length, control.length];
  const { u, ranks } = rankSum(experiment, control, shift);
  const distance = u - (n * m) / 2;
  const sorted = ranks.sort();
  let ties = 0;
  for (let start = 0; start < sorted.length; ) {
    let end = start;
    while (end < sorted.length && sorted[end] === sorted[start]) end++;
    ties += (end - start) ** 3 - (end - start);
    start = end;
  }
  const sigma = Math.sqrt(((n * m) / 12) * (n + m + 1 - ties / ((n + m) * (n + m - 1))));
  return (distance - (corrected ? Math.sign(distance) * 0.5 : 0)) / sigma;
}
