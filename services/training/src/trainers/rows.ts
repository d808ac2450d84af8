import { seededRandom } from '@bascule/stats';
import type { Cell, Row, Rows } from './row.js';
import { cellAt, StoredRows } from './stored-rows.js';

/** Labels of rows. */
export function labelsOf(rows: Rows): Float64Array {
  const labels = new Float64Array(rows.length);
  if (rows instanceof StoredRows) for (let at = 0; at < labels.length; at++) labels[at] = rows.store.labelAt(rows.positions[at]!);
  else for (let at = 0; at < labels.length; at++) labels[at] = rows.at(at)!.label;
  return labels;
}

/** Reads one column of rows, row by row. */
export function cellsOf(rows: Rows, column: number): (at: number) => Cell {
  if (!(rows instanceof StoredRows)) return (at) => cellAt(rows.at(at)!, column);
  const { store, positions } = rows;
  return (at) => store.cellAt(positions[at]!, column);
}

/** The numbers in one column of rows. */
export function numbersOf(rows: Rows, column: number): Float64Array {
  const numbers = new Float64Array(rows.length);
  const cell = cellsOf(rows, column);
  for (let at = 0; at < numbers.length; at++) numbers[at] = Number(cell(at));
  return numbers;
}

/** The texts in one column of rows; a store gives the same text for the same code. */
export function textsOf(rows: Rows, column: number): string[] {
  const cell = cellsOf(rows, column);
  return Array.from({ length: rows.length }, (_, at) => String(cell(at)));
}

/** The rows by when they occurred, those of one time as they were. */
export function oldestFirst(rows: Rows): Rows {
  if (!(rows instanceof StoredRows)) return [...rows].sort((a, b) => a.occurredAt - b.occurredAt);
  const { store, positions } = rows;
  const isOrdered = positions.every((position, at) => at === 0 || store.timeAt(positions[at - 1]!) <= store.timeAt(position));
  if (isOrdered) return rows;
  return new StoredRows(
    store,
    positions.slice().sort((a, b) => store.timeAt(a) - store.timeAt(b)),
  );
}

/** The rows at these places, in that order. */
export function pick(rows: Rows, places: Uint32Array): Rows {
  if (rows instanceof StoredRows)
    return new StoredRows(
      rows.store,
      places.map((place) => rows.positions[place]!),
    );
  return Array.from(places, (place) => rows.at(place)!);
}

const seed = 20_011;

/** The rows in an order that says nothing of them, the same each time. */
export function shuffled(rows: Rows): Rows {
  const random = seededRandom(seed);
  const ranks = Float64Array.from({ length: rows.length }, random);
  return pick(
    rows,
    Uint32Array.from(ranks.keys()).sort((a, b) => ranks[a]! - ranks[b]! || a - b),
  );
}

/** The rows of one part and then those of another. */
export function joined(first: Rows, second: Rows): Rows {
  if (!(first instanceof StoredRows && second instanceof StoredRows && first.store === second.store)) return [...first, ...second];
  const positions = new Uint32Array(first.length + second.length);
  positions.set(first.positions);
  positions.set(second.positions, first.length);
  return new StoredRows(first.store, positions);
}

/** How many of the rows something holds for. */
export function countRows(rows: Rows, holds: (row: Row) => boolean): number {
  let count = 0;
  for (const row of rows) if (holds(row)) count++;
  return count;
}
