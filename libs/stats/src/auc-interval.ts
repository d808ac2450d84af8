import { ascending, auc } from './classification.js';
import { normalQuantile } from './normal.js';

export interface AucInterval {
  auc: number;
  standardError: number;
  low: number;
  high: number;
}

/** AUC with DeLong's standard error and a normal interval, cut to [0, 1]; NaN when a class has fewer than two rows. */
export function aucInterval(scores: ArrayLike<number>, labels: ArrayLike<number>, confidence = 0.95): AucInterval {
  const area = auc(scores, labels);
  const positives: number[] = [];
  const negatives: number[] = [];
  for (let i = 0; i < scores.length; i++) (labels[i] === 1 ? positives : negatives).push(scores[i]!);
  // Placement values: a row's midrank among all, less its midrank within its class, is how many of the other class lie below it.
  const all = midranks([...positives, ...negatives]);
  const withinPositives = midranks(positives);
  const withinNegatives = midranks(negatives);
  const positivePlacements = withinPositives.map((rank, i) => (all[i]! - rank) / negatives.length);
  const negativePlacements = withinNegatives.map((rank, i) => 1 - (all[positives.length + i]! - rank) / positives.length);
  const standardError = Math.sqrt(varianceOf(positivePlacements) / positives.length + varianceOf(negativePlacements) / negatives.length);
  const reach = normalQuantile(1 - (1 - confidence) / 2) * standardError;
  return { auc: area, standardError, low: Math.max(0, area - reach), high: Math.min(1, area + reach) };
}

/** Standard error of a published AUC from its class counts alone (Hanley and McNeil 1982). */
export function hanleyMcNeilError(area: number, positives: number, negatives: number): number {
  if (positives < 1 || negatives < 1) return Number.NaN;
  const q1 = area / (2 - area);
  const q2 = (2 * area * area) / (1 + area);
  const spread = area * (1 - area) + (positives - 1) * (q1 - area * area) + (negatives - 1) * (q2 - area * area);
  return Math.sqrt(Math.max(0, spread) / (positives * negatives));
}

/** Ranks from 1, equal values sharing the mean of their ranks. */
export function midranks(values: ArrayLike<number>): Float64Array {
  const order = ascending(values);
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let i = start; i < end; i++) ranks[order[i]!] = (start + end + 1) / 2;
    start = end;
  }
  return ranks;
}

function varianceOf(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}
