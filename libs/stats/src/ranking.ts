import { ascending, auc } from './classification.js';

/** Area under the precision-recall curve as the sum of steps (as scikit-learn's); NaN without a positive row. */
export function averagePrecision(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  const order = ascending(scores);
  let positives = 0;
  for (let i = 0; i < labels.length; i++) positives += labels[i]!;
  let area = 0;
  let found = 0;
  for (let end = order.length; end > 0; ) {
    let start = end;
    const score = scores[order[end - 1]!]!;
    let ofScore = 0;
    while (start > 0 && scores[order[start - 1]!] === score) ofScore += labels[order[--start]!]!;
    found += ofScore;
    area += (ofScore / positives) * (found / (order.length - start));
    end = start;
  }
  return positives === 0 ? Number.NaN : area;
}

export interface CurvePoint {
  readonly score: number;
  readonly truePositiveRate: number;
  readonly falsePositiveRate: number;
  readonly precision: number;
}

/** One point for each distinct score, the highest first: what choosing all rows from that score on would give. */
export function thresholdCurve(scores: ArrayLike<number>, labels: ArrayLike<number>): CurvePoint[] {
  const order = ascending(scores);
  let positives = 0;
  for (let i = 0; i < labels.length; i++) positives += labels[i]!;
  const negatives = labels.length - positives;
  const points: CurvePoint[] = [];
  let found = 0;
  for (let at = order.length - 1; at >= 0; at--) {
    const score = scores[order[at]!]!;
    found += labels[order[at]!]!;
    if (at > 0 && scores[order[at - 1]!] === score) continue;
    const chosen = order.length - at;
    const truePositiveRate = found / positives;
    points.push({ score, truePositiveRate, falsePositiveRate: (chosen - found) / negatives, precision: found / chosen });
  }
  return points;
}

/** Mean over the classes that occur, and are not all there is, of the AUC of each against the others. @param scores a probability per class, row after row */
export function macroAuc(scores: ArrayLike<number>, labels: ArrayLike<number>, classCount: number): number {
  const own = new Float64Array(labels.length);
  const areas: number[] = [];
  for (let k = 0; k < classCount; k++) {
    for (let row = 0; row < own.length; row++) own[row] = scores[row * classCount + k]!;
    const area = auc(
      own,
      Uint8Array.from(labels, (label) => Number(label === k)),
    );
    if (!Number.isNaN(area)) areas.push(area);
  }
  return areas.reduce((sum, area) => sum + area, 0) / areas.length;
}
