import type { ModelSignature, TensorDatatype } from '@bascule/contracts';
import type { ResultRow } from './result-file.js';

export type ColumnType = 'string' | 'integer' | 'number' | 'boolean';

/** A value of a file of results; integers beyond a double as digits. */
export type ResultValue = string | number | boolean | null;

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

  /** The values of a row in the order of the columns. */
  valuesOf({ number, recordId, outputs, error }: ResultRow): ResultValue[] {
    const own = outputs === undefined ? this.places.map(() => null) : this.places.map((place) => valueAt(outputs, place));
    return [number, recordId === '' ? null : recordId, outputs ? this.predictionId(number) : null, ...own, error ?? null];
  }
}

function valueAt(outputs: readonly unknown[], { output, at, type }: OutputPlace): ResultValue {
  const whole = outputs[output];
  if (at === undefined) return JSON.stringify(whole ?? null);
  const value = Array.isArray(whole) ? whole[at] : whole;
  if (value === null || value === undefined) return null;
  if (type === 'number') return Number(value);
  return type === 'string' ? String(value) : (value as ResultValue);
}
