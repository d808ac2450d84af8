import type { EvaluationSlice } from '@bascule/contracts';
import { quantileEdges } from '@bascule/stats';
import type { Target } from '../trainers/fitted-model.js';
import { type Feature, isNumber, type Rows } from '../trainers/row.js';
import { numbersOf, textsOf } from '../trainers/rows.js';
import { Measurer } from './measurer.js';

/** Values of a column that get a slice of their own: the most frequent. */
const maxValues = 20;
const rangesOfNumbers = 4;
/** Fewer rows tell nothing. */
const minRows = 30;

/** Answers of the rows at these positions. */
export function answersOfRows(scores: Float64Array, rows: readonly number[], rowCount: number): Float64Array {
  const width = scores.length / Math.max(rowCount, 1);
  return Float64Array.from({ length: rows.length * width }, (_, at) => scores[rows[Math.floor(at / width)]! * width + (at % width)]!);
}

/** The value of a column that a row has; of a number the range it lies in. */
export function valuesOf(feature: Feature, rows: Rows, position: number): string[] {
  if (!isNumber(feature)) return textsOf(rows, position).map((text) => text || '(missing)');
  const numbers = numbersOf(rows, position);
  const edges = quantileEdges(numbers, rangesOfNumbers);
  const names = [...edges, Number.POSITIVE_INFINITY].map((to, i) =>
    i === 0 ? `below ${to}` : i === edges.length ? `from ${edges[i - 1]}` : `${edges[i - 1]} to ${to}`,
  );
  if (edges.length === 0) names[0] = 'present';
  return Array.from(numbers, (value) => (Number.isNaN(value) ? '(missing)' : names[edges.filter((edge) => value >= edge).length]!));
}

/** Measures of the rows with each value of a column. */
export function slicesOf(
  feature: Feature,
  position: number,
  { rows, scores, target, resamplings }: { rows: Rows; scores: Float64Array; target: Target; resamplings: number },
): EvaluationSlice[] {
  const byValue = new Map<string, number[]>();
  for (const [row, value] of valuesOf(feature, rows, position).entries()) {
    const own = byValue.get(value);
    if (own) own.push(row);
    else byValue.set(value, [row]);
  }
  const kept = [...byValue].filter(([, own]) => own.length >= minRows).sort((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1));
  return kept.slice(0, maxValues).map(([value, own]) => {
    const labels = own.map((row) => rows.at(row)!.label);
    const measures = new Measurer(answersOfRows(scores, own, rows.length), labels, target).withIntervals(resamplings, own.length);
    return { column: feature.name, value, rowCount: own.length, measures };
  });
}
