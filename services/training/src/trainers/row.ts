/** One input column of a model. */
export interface Feature {
  readonly name: string;
  readonly kind: 'numeric' | 'categorical';
}

/** Text for a categorical feature ("" when missing), a number for a numeric one (NaN when missing). */
export type Cell = string | number;

/** One labelled record; `cells` are in the order of the pipeline's features. */
export interface Row {
  readonly occurredAt: number;
  readonly label: 0 | 1;
  readonly cells: readonly Cell[];
}
