/** What a column holds: it decides how the graph of a model reads it. */
export const featureKinds = ['numeric', 'categorical', 'boolean', 'datetime', 'text'] as const;
export type FeatureKind = (typeof featureKinds)[number];

/** One input column of a model, and how it is prepared. */
export interface Feature {
  readonly name: string;
  readonly kind: FeatureKind;
  /** Of a number: its logarithm, the sign kept, stands for it. */
  readonly log?: boolean | undefined;
  /** Of a number: values outside are taken for the nearest bound. */
  readonly clip?: { readonly min?: number | undefined; readonly max?: number | undefined } | undefined;
  /** Of a number: what a linear model takes for a missing one. */
  readonly impute?: 'median' | 'mean' | 'zero' | undefined;
  /** Of a category, for a linear model: a weight each, or how often it occurs. */
  readonly encode?: 'one-hot' | 'frequency' | undefined;
  /** Of a number, for boosted trees: the answer never falls, or never rises, as it grows. */
  readonly monotone?: 'increasing' | 'decreasing' | undefined;
}

/** How a feature travels: numbers and booleans as 32-bit floats, times as seconds since 1970 in 64-bit floats, the others as text. */
export function datatypeOf({ kind }: Pick<Feature, 'kind'>): 'FP32' | 'FP64' | 'BYTES' {
  if (kind === 'numeric' || kind === 'boolean') return 'FP32';
  return kind === 'datetime' ? 'FP64' : 'BYTES';
}

/** Whether its cells are numbers: NaN when missing. */
export function isNumber(feature: Pick<Feature, 'kind'>): boolean {
  return datatypeOf(feature) !== 'BYTES';
}

/** A text as the runtime reads it: up to its first zero byte. */
export function readText(text: string): string {
  const end = text.indexOf('\u0000');
  return end === -1 ? text : text.slice(0, end);
}

/** Text ("" when missing), or a number (NaN when missing; 0 and 1 for a boolean, seconds since 1970 for a time). */
export type Cell = string | number;

/** One labelled record; `cells` are in the order of the pipeline's features. */
export interface Row {
  readonly occurredAt: number;
  /** Position of the class, or the number that a regression is to tell. */
  readonly label: number;
  readonly cells: readonly Cell[];
  /** Of a split by group or by hash: what may not lie on both sides. */
  readonly group?: string | undefined;
}

/** Some rows in an order: a plain list, or positions in a store. */
export interface Rows extends Iterable<Row> {
  readonly length: number;
  at(index: number): Row | undefined;
  slice(from?: number, to?: number): Rows;
  filter(keep: (row: Row) => boolean): Rows;
  every(holds: (row: Row) => boolean): boolean;
  map<Of>(of: (row: Row, index: number) => Of): Of[];
}
