import { fitEncoding } from './encoding.js';
import type { LogisticModel } from './logistic-regression.js';
import type { Feature, Row } from './row.js';

/** The baseline everything must beat: every row gets the share of positives among the training rows. */
export function fitPrior(features: readonly Feature[], rows: readonly Row[]): LogisticModel {
  // no row is looked at for the encoding: every value is as good as unseen
  const encoding = fitEncoding(features, []);
  const positives = rows.reduce((sum: number, { label }) => sum + label, 0);
  const odds = (positives + 0.5) / (rows.length - positives + 0.5);
  return { encoding, weights: new Float64Array(encoding.columnCount), intercept: Math.log(odds), iterations: 0 };
}
