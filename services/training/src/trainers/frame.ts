import { datatypeOf, type Feature, type Rows, readText } from './row.js';
import { cellsOf, labelsOf } from './rows.js';
import { StoredRows } from './stored-rows.js';

/** Numbers as a client sends them: 32-bit floats, NaN when missing. */
export interface NumberColumn {
  readonly kind: 'numbers';
  readonly values: Float32Array<SharedArrayBuffer>;
}

/** Times as a client sends them: seconds since 1970, NaN when missing. */
export interface TimeColumn {
  readonly kind: 'times';
  readonly values: Float64Array;
}

/** Text by its position in a dictionary; rows with the same text share it. */
export interface TextColumn {
  readonly kind: 'texts';
  readonly codes: Int32Array<SharedArrayBuffer>;
  readonly dictionary: readonly string[];
}

export type Column = NumberColumn | TimeColumn | TextColumn;

/** Rows by columns, in memory that worker threads can see: four bytes a cell. */
export interface Frame {
  readonly rowCount: number;
  readonly features: readonly Feature[];
  readonly columns: readonly Column[];
  /** Positions of classes, or numbers. */
  readonly labels: Float64Array;
}

/** Room for 32-bit floats that worker threads can see. */
export const sharedFloats = (length: number): Float32Array<SharedArrayBuffer> => new Float32Array(new SharedArrayBuffer(length * 4));
export const sharedIntegers = (length: number): Int32Array<SharedArrayBuffer> => new Int32Array(new SharedArrayBuffer(length * 4));

function numbersOf(rows: Rows, position: number): NumberColumn {
  const values = sharedFloats(rows.length);
  const cell = cellsOf(rows, position);
  for (let row = 0; row < values.length; row++) values[row] = Number(cell(row));
  return { kind: 'numbers', values };
}

function textsOf(rows: Rows, position: number): TextColumn {
  const known = new Map<string, number>();
  const codes = sharedIntegers(rows.length);
  const cell = cellsOf(rows, position);
  for (let row = 0; row < codes.length; row++) {
    const text = readText(String(cell(row)));
    const code = known.get(text) ?? known.size;
    if (code === known.size) known.set(text, code);
    codes[row] = code;
  }
  return { kind: 'texts', codes, dictionary: [...known.keys()] };
}

function columnOf(feature: Feature, rows: Rows, position: number): Column {
  // columns of a store are taken as they are
  const stored = rows instanceof StoredRows ? rows.store.columnOf(feature, position, rows.positions) : undefined;
  if (stored) return stored;
  const datatype = datatypeOf(feature);
  if (datatype === 'FP32') return numbersOf(rows, position);
  if (datatype === 'BYTES') return textsOf(rows, position);
  const cell = cellsOf(rows, position);
  return { kind: 'times', values: Float64Array.from({ length: rows.length }, (_, row) => Number(cell(row))) };
}

/** The rows by columns. */
export function frameOf(features: readonly Feature[], rows: Rows): Frame {
  const columns = features.map((feature, position) => columnOf(feature, rows, position));
  return { rowCount: rows.length, features, columns, labels: labelsOf(rows) };
}

/** The rows from one position up to another, in the same memory. */
export function rowsBetween(frame: Frame, from: number, to: number): Frame {
  const columns = frame.columns.map((column): Column => {
    if (column.kind === 'texts') return { ...column, codes: column.codes.subarray(from, to) };
    if (column.kind === 'times') return { ...column, values: column.values.subarray(from, to) };
    return { ...column, values: column.values.subarray(from, to) };
  });
  return { rowCount: to - from, features: frame.features, columns, labels: frame.labels.subarray(from, to) };
}

/** Some of the rows, in the order of their positions. */
export function takeRows(frame: Frame, positions: ArrayLike<number>): Frame {
  const count = positions.length;
  const columns = frame.columns.map((column): Column => {
    if (column.kind === 'numbers') {
      const values = sharedFloats(count);
      for (let i = 0; i < count; i++) values[i] = column.values[positions[i]!]!;
      return { kind: 'numbers', values };
    }
    if (column.kind === 'times') return { kind: 'times', values: Float64Array.from(positions, (row) => column.values[row]!) };
    const codes = sharedIntegers(count);
    for (let i = 0; i < count; i++) codes[i] = column.codes[positions[i]!]!;
    return { kind: 'texts', codes, dictionary: column.dictionary };
  });
  return { rowCount: count, features: frame.features, columns, labels: Float64Array.from(positions, (row) => frame.labels[row]!) };
}
