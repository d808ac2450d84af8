import type { Column, Frame, NumberColumn, TextColumn } from '../trainers/frame.js';
import type { Feature } from '../trainers/row.js';

/** A category becomes one weight, and one that all rare and unseen ones share. */
export interface CategoryTerm {
  readonly kind: 'category';
  readonly position: number;
  readonly columns: ReadonlyMap<string, number>;
  readonly otherColumn: number;
}

/** A number becomes a standard value, and an indicator of "missing". */
export interface NumberTerm {
  readonly kind: 'number';
  readonly position: number;
  /** Of a category that counts by how often it occurs: its share of the training rows. */
  readonly shares: ReadonlyMap<string, number> | undefined;
  readonly log: boolean;
  readonly clip: { readonly min: number; readonly max: number };
  readonly mean: number;
  readonly deviation: number;
  /** What stands for a missing one, before it is made standard. */
  readonly fill: number;
  readonly valueColumn: number;
  readonly missingColumn: number;
}

export type Term = CategoryTerm | NumberTerm;

export interface Terms {
  readonly terms: readonly Term[];
  readonly columnCount: number;
}

/** Categories seen in fewer training rows share one weight with those never seen. */
export const rareBelow = 5;
/** No value counts for more than so many deviations: sums stay exact in 32 bits, and one absurd value decides nothing. */
export const mostDeviations = 30;

const float = Math.fround;

function countsOf({ codes, dictionary }: TextColumn): Map<string, number> {
  const counts = new Uint32Array(dictionary.length);
  for (const code of codes) counts[code]!++;
  return new Map(dictionary.map((text, code) => [text, counts[code]!]));
}

function fitCategory(column: TextColumn, position: number, first: number): CategoryTerm {
  const kept = [...countsOf(column)].filter(([, count]) => count >= rareBelow).map(([value]) => value);
  // sorted by code unit: the same rows in another order give the same bytes
  kept.sort((a, b) => (a < b ? -1 : 1));
  return {
    kind: 'category',
    position,
    columns: new Map(kept.map((value, index) => [value, first + index])),
    otherColumn: first + kept.length,
  };
}

/** A number as it goes into a term: within its bounds, by its logarithm if it is to be. */
export function transformed(value: number, { clip, log }: Pick<NumberTerm, 'clip' | 'log'>): number {
  const within = Math.min(Math.max(value, clip.min), clip.max);
  return log ? Math.sign(within) * Math.log(1 + Math.abs(within)) : within;
}

function numbersOf(column: NumberColumn | TextColumn, shares: ReadonlyMap<string, number> | undefined): Float32Array {
  if (column.kind === 'numbers') return column.values;
  const byCode = column.dictionary.map((text) => shares?.get(text) ?? 0);
  return Float32Array.from(column.codes, (code) => byCode[code]!);
}

const medianOf = (sorted: Float64Array): number => {
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return 0;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

function fitNumber(feature: Feature, column: NumberColumn | TextColumn, position: number, first: number): NumberTerm {
  const rowCount = column.kind === 'numbers' ? column.values.length : column.codes.length;
  const shares =
    column.kind === 'texts'
      ? new Map([...countsOf(column)].filter(([, count]) => count > 0).map(([text, count]) => [text, float(count / rowCount)]))
      : undefined;
  const clip = { min: float(feature.clip?.min ?? Number.NEGATIVE_INFINITY), max: float(feature.clip?.max ?? Number.POSITIVE_INFINITY) };
  const rule = { clip, log: feature.log ?? false };
  const present = Float64Array.from(numbersOf(column, shares), (value) => transformed(value, rule))
    .filter((value) => Number.isFinite(value))
    .sort();
  const sum = present.reduce((total, value) => total + value, 0);
  const impute = feature.impute ?? 'median';
  const ownMean = sum / Math.max(present.length, 1);
  const fill = float(impute === 'zero' ? 0 : impute === 'mean' ? ownMean : medianOf(present));
  const missing = rowCount - present.length;
  const count = Math.max(rowCount, 1);
  const mean = float((sum + missing * fill) / count);
  const squares = present.reduce((total, value) => total + (value - mean) ** 2, 0) + missing * (fill - mean) ** 2;
  const deviation = Math.sqrt(squares / count) || 1;
  return { kind: 'number', position, shares, ...rule, mean, deviation, fill, valueColumn: first, missingColumn: first + 1 };
}

/** Learns from training rows how columns become weights. */
export function fitTerms({ features, columns }: Pick<Frame, 'features' | 'columns'>): Terms {
  let columnCount = 0;
  const terms = features.map((feature, position): Term => {
    const column = columns[position]!;
    if (column.kind === 'times') throw new Error('times are to be prepared before');
    if (column.kind === 'texts' && feature.encode !== 'frequency') {
      const term = fitCategory(column, position, columnCount);
      columnCount += term.columns.size + 1;
      return term;
    }
    columnCount += 2;
    return fitNumber(feature, column, position, columnCount - 2);
  });
  return { terms, columnCount };
}

/** A term on rows: for numbers the standard value and whether it is missing, for categories the column that is 1. */
export type LaidTerm =
  | { readonly kind: 'number'; readonly term: NumberTerm; readonly values: Float32Array; readonly missing: Uint8Array }
  | { readonly kind: 'category'; readonly term: CategoryTerm; readonly at: Int32Array };

/** The standard value of a number; missing ones have one of their own. */
export function standardOf(value: number, term: NumberTerm): number {
  const scaled = (transformed(value, term) - term.mean) * slopeOf(term);
  return float(Math.min(Math.max(scaled, -mostDeviations), mostDeviations));
}

export const slopeOf = ({ deviation }: NumberTerm): number => float(1 / deviation);
export const fillOf = (term: NumberTerm): number => float((term.fill - term.mean) * slopeOf(term));

function layNumbers(column: Column, term: NumberTerm): LaidTerm {
  if (column.kind === 'times') throw new Error('times are to be prepared before');
  const raw = numbersOf(column, term.shares);
  const values = new Float32Array(raw.length);
  const missing = new Uint8Array(raw.length);
  const fill = fillOf(term);
  for (let row = 0; row < raw.length; row++) {
    const isMissing = Number.isNaN(raw[row]!);
    values[row] = isMissing ? fill : standardOf(raw[row]!, term);
    missing[row] = Number(isMissing);
  }
  return { kind: 'number', term, values, missing };
}

/** Rows as the terms see them. */
export function layTerms({ terms }: Terms, columns: readonly Column[]): LaidTerm[] {
  return terms.map((term): LaidTerm => {
    const column = columns[term.position]!;
    if (term.kind === 'number') return layNumbers(column, term);
    if (column.kind !== 'texts') throw new Error('a category is expected to be text');
    const byCode = Int32Array.from(column.dictionary, (text) => term.columns.get(text) ?? term.otherColumn);
    return { kind: 'category', term, at: column.codes.map((code) => byCode[code]!) };
  });
}
