import type { Frame } from '../trainers/frame.js';
import { rowsBetween } from '../trainers/frame.js';
import type { Feature } from '../trainers/row.js';
import { type BinRule, binsOf, type FeatureBins, fitBins } from './bins.js';

/** Rows as trees see them, a byte a value: all that a fit keeps of its columns. */
export interface BinnedRows {
  readonly rowCount: number;
  readonly features: readonly Feature[];
  readonly bins: readonly FeatureBins[];
  /** Bin of each row, by feature. */
  readonly values: readonly Uint8Array[];
  readonly labels: Float64Array;
}

/** Puts rows into bins that are learnt from the first of them. @param cut so many rows say what the bins are */
export function binRows(frame: Frame, rule: BinRule, cut = frame.rowCount): BinnedRows {
  const { rowCount, features, labels } = frame;
  const bins = rowsBetween(frame, 0, cut).columns.map((column) => fitBins(column, rule));
  return { rowCount, features, bins, values: frame.columns.map((column, at) => binsOf(column, bins[at]!, rowCount)), labels };
}

/** The rows from one position up to another, in the same memory. */
export function binnedBetween(rows: BinnedRows, from: number, to: number): BinnedRows {
  const values = rows.values.map((of) => of.subarray(from, to));
  return { ...rows, rowCount: to - from, values, labels: rows.labels.subarray(from, to) };
}
