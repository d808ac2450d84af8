import type { Feature, Row } from './row.js';

/** How a categorical column becomes weights: one per category, and one that all rare and unseen ones share. */
export interface CategoricalEncoding {
  readonly kind: 'categorical';
  readonly name: string;
  /** Category to its column in the design matrix. */
  readonly columns: ReadonlyMap<string, number>;
  readonly otherColumn: number;
}

/** How a numeric column becomes weights: a standardised value, and an indicator of "missing". */
export interface NumericEncoding {
  readonly kind: 'numeric';
  readonly name: string;
  readonly median: number;
  readonly mean: number;
  readonly deviation: number;
  readonly valueColumn: number;
  readonly missingColumn: number;
}

export interface Encoding {
  readonly features: readonly (CategoricalEncoding | NumericEncoding)[];
  readonly columnCount: number;
}

/** Categories seen in fewer training rows share one weight with those never seen. */
export const rareBelow = 5;

function countCategories(rows: readonly Row[], position: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const value = String(row.cells[position]);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}

function fitCategorical(feature: Feature, position: number, rows: readonly Row[], first: number): CategoricalEncoding {
  const kept = [...countCategories(rows, position)].filter(([, count]) => count >= rareBelow).map(([value]) => value);
  // sorted by code unit: the same rows in another order give the same bytes
  kept.sort((a, b) => (a < b ? -1 : 1));
  return {
    kind: 'categorical',
    name: feature.name,
    columns: new Map(kept.map((value, index) => [value, first + index])),
    otherColumn: first + kept.length,
  };
}

function fitNumeric(feature: Feature, position: number, rows: readonly Row[], first: number): NumericEncoding {
  const present = Float64Array.from(rows, (row) => Number(row.cells[position]))
    .filter((value) => Number.isFinite(value))
    .sort();
  const middle = present.length >> 1;
  const median = present.length === 0 ? 0 : present.length % 2 === 1 ? present[middle]! : (present[middle - 1]! + present[middle]!) / 2;
  const missing = rows.length - present.length;
  const count = Math.max(rows.length, 1);
  const mean = (present.reduce((sum, value) => sum + value, 0) + missing * median) / count;
  const squares = present.reduce((sum, value) => sum + (value - mean) ** 2, 0) + missing * (median - mean) ** 2;
  const deviation = Math.sqrt(squares / count) || 1;
  return { kind: 'numeric', name: feature.name, median, mean, deviation, valueColumn: first, missingColumn: first + 1 };
}

/** Learns the encoding from training rows only. */
export function fitEncoding(features: readonly Feature[], rows: readonly Row[]): Encoding {
  let columnCount = 0;
  const encoded = features.map((feature, position) => {
    const fit = feature.kind === 'categorical' ? fitCategorical : fitNumeric;
    const encoding = fit(feature, position, rows, columnCount);
    columnCount += encoding.kind === 'categorical' ? encoding.columns.size + 1 : 2;
    return encoding;
  });
  return { features: encoded, columnCount };
}
