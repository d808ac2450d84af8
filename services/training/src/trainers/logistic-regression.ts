import { type DesignMatrix, encodeRows } from './design-matrix.js';
import { type Encoding, fitEncoding } from './encoding.js';
import { minimise } from './minimise.js';
import type { Feature, Row } from './row.js';

export interface LogisticModel {
  readonly encoding: Encoding;
  readonly weights: Float64Array;
  readonly intercept: number;
  readonly iterations: number;
}

/** Probability from log odds. */
export const sigmoid = (logit: number): number => (logit >= 0 ? 1 / (1 + Math.exp(-logit)) : Math.exp(logit) / (1 + Math.exp(logit)));

function logitOf(matrix: DesignMatrix, row: number, weights: Float64Array, intercept: number): number {
  let logit = intercept;
  for (let at = row * matrix.width, end = at + matrix.width; at < end; at++) {
    const column = matrix.columns[at]!;
    if (column >= 0) logit += matrix.values[at]! * weights[column]!;
  }
  return logit;
}

/**
 * Fits weights by minimising the sum of log losses plus `l2 / 2` times the squared weights.
 * The intercept is not penalised. The same rows and parameters always give the same weights.
 */
export function fitLogisticRegression(features: readonly Feature[], rows: readonly Row[], { l2 }: { l2: number }): LogisticModel {
  const encoding = fitEncoding(features, rows);
  const matrix = encodeRows(encoding, rows);
  const size = matrix.columnCount + 1;
  const last = matrix.columnCount;
  const scale = 1 / Math.max(rows.length, 1);
  // divided by the number of rows, so that one tolerance fits every size
  const { point, iterations } = minimise((point, gradient) => {
    gradient.fill(0);
    let loss = 0;
    for (let row = 0; row < matrix.rowCount; row++) {
      const logit = logitOf(matrix, row, point, point[last]!);
      const label = rows[row]!.label;
      loss += Math.max(logit, 0) - logit * label + Math.log1p(Math.exp(-Math.abs(logit)));
      const residual = sigmoid(logit) - label;
      for (let at = row * matrix.width, end = at + matrix.width; at < end; at++) {
        const column = matrix.columns[at]!;
        if (column >= 0) gradient[column] = gradient[column]! + residual * matrix.values[at]!;
      }
      gradient[last] = gradient[last]! + residual;
    }
    for (let column = 0; column < last; column++) {
      loss += (l2 / 2) * point[column]! ** 2;
      gradient[column] = gradient[column]! + l2 * point[column]!;
    }
    for (let column = 0; column < size; column++) gradient[column] = gradient[column]! * scale;
    return loss * scale;
  }, size);
  return { encoding, weights: point.slice(0, last), intercept: point[last]!, iterations };
}

/** Probability of the positive class for each row. */
export function scoreRows(model: LogisticModel, rows: readonly Row[]): Float64Array {
  const matrix = encodeRows(model.encoding, rows);
  return Float64Array.from(rows, (_, row) => sigmoid(logitOf(matrix, row, model.weights, model.intercept)));
}
