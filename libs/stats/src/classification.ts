/** Smallest probability that log loss takes at its word (scikit-learn 1.2's eps). */
const smallestProbability = 1e-15;

/** Area under the ROC curve, ties counting half; NaN when one class is absent. Labels are 0 or 1. */
export function auc(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  let positives = 0;
  for (let i = 0; i < scores.length; i++) if (labels[i] === 1) positives++;
  // numbers are sorted in place: positions would take several times the room, and ten times as long
  const high = new Float64Array(positives);
  const low = new Float64Array(scores.length - positives);
  let [ofHigh, ofLow] = [0, 0];
  for (let i = 0; i < scores.length; i++) {
    if (labels[i] === 1) high[ofHigh++] = scores[i]!;
    else low[ofLow++] = scores[i]!;
  }
  high.sort();
  low.sort();
  let [below, upTo, area] = [0, 0, 0];
  for (const score of high) {
    while (below < low.length && low[below]! < score) below++;
    upTo = Math.max(upTo, below);
    while (upTo < low.length && low[upTo] === score) upTo++;
    area += (below + upTo) / 2;
  }
  return area / (high.length * low.length);
}

/** Positions of the values in ascending order. */
export function ascending(values: ArrayLike<number>): Uint32Array {
  return Uint32Array.from({ length: values.length }, (_, i) => i).sort((a, b) => values[a]! - values[b]!);
}

/** Log loss of one prediction, natural logarithm; probabilities are clipped away from 0 and 1. */
export function logLossOf(probability: number, label: number, smallest = smallestProbability): number {
  const p = Math.min(1 - smallest, Math.max(smallest, probability));
  return label === 1 ? -Math.log(p) : -Math.log1p(-p);
}

/** Mean log loss of probabilities of the positive class. */
export function logLoss(probabilities: ArrayLike<number>, labels: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < probabilities.length; i++) sum += logLossOf(probabilities[i]!, labels[i]!);
  return sum / probabilities.length;
}

/** Mean squared error of probabilities of the positive class. */
export function brier(probabilities: ArrayLike<number>, labels: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < probabilities.length; i++) sum += (probabilities[i]! - labels[i]!) ** 2;
  return sum / probabilities.length;
}
