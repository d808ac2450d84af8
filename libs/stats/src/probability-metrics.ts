import { normalQuantile } from './normal.js';

/** Mean log loss of several classes; probabilities are clipped away from 0. @param scores a probability per class, row after row */
export function multiclassLogLoss(scores: ArrayLike<number>, labels: ArrayLike<number>, classCount: number): number {
  let sum = 0;
  for (let row = 0; row < labels.length; row++) sum -= Math.log(Math.max(scores[row * classCount + labels[row]!]!, 1e-15));
  return sum / labels.length;
}

/** Mean squared distance between probabilities and truth over all classes. */
export function multiclassBrier(scores: ArrayLike<number>, labels: ArrayLike<number>, classCount: number): number {
  let sum = 0;
  for (let row = 0; row < labels.length; row++) {
    for (let k = 0; k < classCount; k++) sum += (scores[row * classCount + k]! - Number(labels[row] === k)) ** 2;
  }
  return sum / labels.length;
}

export interface CalibrationBin {
  readonly from: number;
  readonly to: number;
  readonly rowCount: number;
  readonly meanScore: number;
  readonly positiveShare: number;
}

/** Scores in bins of equal width over [0, 1]; bins without rows are left out. */
export function calibrationBins(scores: ArrayLike<number>, labels: ArrayLike<number>, binCount = 10): CalibrationBin[] {
  const [rows, score, positives] = [new Float64Array(binCount), new Float64Array(binCount), new Float64Array(binCount)] as const;
  for (let row = 0; row < labels.length; row++) {
    const bin = Math.min(binCount - 1, Math.max(0, Math.floor(scores[row]! * binCount)));
    rows[bin]!++;
    score[bin] = score[bin]! + scores[row]!;
    positives[bin] = positives[bin]! + labels[row]!;
  }
  return Array.from(rows, (rowCount, bin) => ({
    from: bin / binCount,
    to: (bin + 1) / binCount,
    rowCount,
    meanScore: score[bin]! / rowCount,
    positiveShare: positives[bin]! / rowCount,
  })).filter(({ rowCount }) => rowCount > 0);
}

/** How far promise and truth lie apart on average over ten bins of equal width (ECE). */
export function expectedCalibrationError(scores: ArrayLike<number>, labels: ArrayLike<number>, binCount = 10): number {
  return calibrationBins(scores, labels, binCount).reduce(
    (sum, { rowCount, meanScore, positiveShare }) => sum + (rowCount / labels.length) * Math.abs(meanScore - positiveShare),
    0,
  );
}

/** Wilson's interval of a share. */
export function wilsonInterval(successes: number, trials: number, confidence = 0.95): [number, number] {
  const z = normalQuantile(1 - (1 - confidence) / 2);
  const share = successes / trials;
  const middle = share + z ** 2 / (2 * trials);
  const reach = z * Math.sqrt((share * (1 - share)) / trials + z ** 2 / (4 * trials ** 2));
  const whole = 1 + z ** 2 / trials;
  return [Math.max(0, (middle - reach) / whole), Math.min(1, (middle + reach) / whole)];
}
