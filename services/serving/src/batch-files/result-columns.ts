import type { ModelSignature, TensorDatatype } from '@bascule/contracts';
import { elementCount, fromHalf } from '../inference/tensor.js';
import type { RowGroup, Stacked } from './piece-file.js';
import type { PieceResult } from './result-file.js';

export type ColumnType = 'string' | 'integer' | 'number' | 'boolean';

/** A value of a file of results; integers beyond a double as digits. */
export type ResultValue = string | number | boolean | null;

/** What the file of results says about a row. */
export interface ResultRow {
  readonly number: number;
  readonly recordId: string;
  readonly values: readonly ResultValue[];
  readonly error: string | undefined;
}

/** A column of the file of results. */
export interface ResultColumn {
  readonly name: string;
  readonly type: ColumnType;
}

interface OutputPlace {
  readonly output: number;
  /** Undefined: the whole output, as JSON where it has several values. */
  readonly at: number | undefined;
  readonly type: ColumnType;
}

const types: Partial<Record<TensorDatatype, ColumnType>> = {
  BOOL: 'boolean',
  BYTES: 'string',
  INT8: 'integer',
  INT16: 'integer',
  INT32: 'integer',
  UINT8: 'integer',
  UINT16: 'integer',
  UINT32: 'integer',
  INT64: 'integer',
  // half of its range is beyond the integers of Parquet files
  UINT64: 'string',
};
const maxSpread = 1_000;
/** Row, record and prediction stand before the outputs. */
const namedBefore = 3;

/** The columns of a file of results: which row, the client's id, the prediction's id, the outputs side by side, and what went wrong. */
export class ResultColumns {
  readonly columns: readonly ResultColumn[];
  private readonly places: readonly OutputPlace[];

  constructor(
    { outputs }: ModelSignature,
    isBatched: boolean,
    private readonly predictionId: (row: number) => string,
  ) {
    const named: ResultColumn[] = [
      { name: 'row', type: 'integer' },
      { name: 'record_id', type: 'string' },
      { name: 'prediction_id', type: 'string' },
    ];
    const taken = new Set([...named.map(({ name }) => name), 'error']);
    const places: OutputPlace[] = [];
    const add = (wanted: string, place: OutputPlace) => {
      let name = wanted;
      while (taken.has(name)) name = `${name}_`;
      taken.add(name);
      named.push({ name, type: place.type });
      places.push(place);
    };
    for (const [output, { name, datatype, shape, columns: names }] of outputs.entries()) {
      const axes = isBatched ? shape.slice(1) : shape;
      const length = axes.reduce((product, axis) => product * axis, 1);
      const isOpen = axes.some((axis) => axis < 0) || length > maxSpread || length === 0;
      const type = types[datatype] ?? 'number';
      if (isOpen) add(name, { output, at: undefined, type: 'string' });
      else if (length === 1) add(name, { output, at: 0, type });
      else for (let at = 0; at < length; at++) add(`${name}_${names?.[at] ?? at}`, { output, at, type });
    }
    this.columns = [...named, { name: 'error', type: 'string' }];
    this.places = places;
  }

  /** The rows of a piece in their order: the values of each in the order of the columns, and what went wrong with it. */
  *rowsOf({ first, rowCount, recordIds, groups, faults }: PieceResult): Generator<ResultRow> {
    const errors = new Map(faults);
    const places = placesOf(rowCount, groups);
    const readers = groups.map((group) => this.places.map((place) => readerOf(group, place)));
    for (let row = 0; row < rowCount; row++) {
      const number = first + row;
      const recordId = recordIds[row] as string;
      const values = new Array<ResultValue>(this.columns.length).fill(null);
      values[0] = number;
      if (recordId !== '') values[1] = recordId;
      const own = readers[places.groups[row] as number];
      const error = own ? undefined : errors.get(row);
      if (own) {
        const at = places.at[row] as number;
        values[2] = this.predictionId(number);
        for (let place = 0; place < own.length; place++) values[place + namedBefore] = (own[place] as ValueReader)(at);
      } else {
        if (error === undefined) throw new Error(`row ${number} has neither an answer nor an error`);
        values[values.length - 1] = error;
      }
      yield { number, recordId, values, error };
    }
  }
}

/** Which group answered each row, and where in it; no group is the number of groups. */
function placesOf(rowCount: number, groups: readonly RowGroup[]): { readonly groups: Uint32Array; readonly at: Uint32Array } {
  const places = { groups: new Uint32Array(rowCount).fill(groups.length), at: new Uint32Array(rowCount) };
  for (const [group, { rows }] of groups.entries()) {
    for (let at = 0; at < rows.length; at++) {
      places.groups[rows[at] as number] = group;
      places.at[rows[at] as number] = at;
    }
  }
  return places;
}

/** Reads what one column says about a row, by its place in the group. */
type ValueReader = (row: number) => ResultValue;

function readerOf({ tensors }: RowGroup, { output, at, type }: OutputPlace): ValueReader {
  const tensor = tensors[output] as Stacked;
  const length = elementCount(tensor.rowShape);
  if (at === undefined) {
    return (row) => {
      const values = Array.from({ length }, (_, index) => jsonValue(tensor, row * length + index));
      return JSON.stringify(length === 1 ? values[0] : values);
    };
  }
  return (row) => {
    const value = jsonValue(tensor, row * length + at);
    if (value === null) return null;
    if (type === 'number') return Number(value);
    return type === 'string' ? String(value) : value;
  };
}

/** A value as JSON carries it: integers beyond a double and infinities as text, NaN as null. */
function jsonValue({ datatype, data }: Stacked, at: number): ResultValue {
  const value = datatype === 'FP16' ? fromHalf((data as Uint16Array).subarray(at, at + 1))[0] : data[at];
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (typeof value !== 'number') return value ?? null;
  if (datatype === 'BOOL') return value !== 0;
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? null : String(value);
}
