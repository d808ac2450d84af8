import {
  auc,
  averagePrecision,
  brier,
  classMetrics,
  expectedCalibrationError,
  logLoss,
  macroAuc,
  meanAbsoluteError,
  multiclassBrier,
  multiclassLogLoss,
  quantileLoss,
  rootMeanSquaredError,
  sumOf,
} from '@bascule/stats';
import type { Target } from '../trainers/fitted-model.js';

/** Quality of a model against ground truth. */
export interface Performance {
  readonly rowCount: number;
  /** Of a binary model. */
  readonly positiveCount: number;
  readonly measures: Readonly<Record<string, number>>;
}

const binary: Target = { task: 'binary', classes: ['0', '1'] };

/** Position of the largest probability of a row; of equals the first. */
export function chosenClass(scores: Float64Array, row: number, count: number): number {
  let best = 0;
  for (let k = 1; k < count; k++) if (scores[row * count + k]! > scores[row * count + best]!) best = k;
  return best;
}

/** The class that a model chooses for each row: of two, the positive one above one half. */
export function chosenClasses(scores: Float64Array, { task, classes }: Target): Int32Array {
  if (task === 'binary') return Int32Array.from(scores, (score) => Number(score > 0.5));
  const count = classes.length;
  return Int32Array.from({ length: scores.length / count }, (_, row) => chosenClass(scores, row, count));
}

/** The measures of a task on some rows. */
export function measuresOf(scores: Float64Array, labels: ArrayLike<number>, target: Target = binary): Record<string, number> {
  if (target.task === 'regression') {
    const middle = { quantileLoss50: quantileLoss(scores, labels, 0.5), quantileLoss90: quantileLoss(scores, labels, 0.9) };
    return { mae: meanAbsoluteError(scores, labels), rmse: rootMeanSquaredError(scores, labels), ...middle };
  }
  const { accuracy, macroF1, weightedF1 } = classMetrics(chosenClasses(scores, target), labels, target.classes.length);
  const chosen = { accuracy, f1Macro: macroF1, f1Weighted: weightedF1 };
  if (target.task === 'binary') {
    const ranked = { auc: auc(scores, labels), averagePrecision: averagePrecision(scores, labels) };
    const promised = { logLoss: logLoss(scores, labels), brier: brier(scores, labels), ece: expectedCalibrationError(scores, labels) };
    return { ...ranked, ...promised, ...chosen };
  }
  const count = target.classes.length;
  const promised = { logLoss: multiclassLogLoss(scores, labels, count), brier: multiclassBrier(scores, labels, count) };
  return { auc: macroAuc(scores, labels, count), ...promised, ...chosen };
}

/** Compares what a model answers with labels of the same rows. */
export function evaluateScores(scores: Float64Array, labels: readonly number[] | Float64Array, target: Target = binary): Performance {
  const positiveCount = target.task === 'binary' ? sumOf(labels) : 0;
  return { rowCount: labels.length, positiveCount, measures: measuresOf(scores, labels, target) };
}

/** The numbers of a performance that a version is compared by; what cannot be told is left out. */
export function metricsOf({ measures, rowCount, positiveCount }: Performance): Record<string, number> {
  const told = Object.entries(measures).filter(([, value]) => Number.isFinite(value));
  return { ...Object.fromEntries(told), rowCount, positiveCount };
}
