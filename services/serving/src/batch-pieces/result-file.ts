import { fromHalf, rowLength, type Tensor } from '../inference/tensor.js';

/** What became of a row. */
export interface ResultRow {
  readonly number: number;
  readonly recordId: string;
  /** The outputs of the model in its order, each one value or a list; absent when the row failed. */
  readonly outputs?: readonly unknown[];
  readonly error?: string;
}

export interface ResultHeader {
  readonly jobId: string;
  readonly piece: number;
}

/** The results of a piece as lines of JSON: the same results give the same bytes, whoever made them. */
export function resultText(header: ResultHeader, rows: readonly ResultRow[]): string {
  const lines = rows.map(({ number, recordId, outputs, error }) =>
    JSON.stringify(outputs === undefined ? [number, recordId, error ?? ''] : [number, recordId, null, outputs]),
  );
  return `${[JSON.stringify(header), ...lines].join('\n')}\n`;
}

type Line = readonly [number, string, string | null, (readonly unknown[])?];

/** Reads back what `resultText` wrote. */
export function readResult(text: string): ResultRow[] {
  const lines = text.split('\n').filter((line) => line !== '');
  const parsed = JSON.parse(`[${lines.slice(1).join(',')}]`) as Line[];
  return parsed.map(([number, recordId, error, outputs]) =>
    outputs ? { number, recordId, outputs } : { number, recordId, error: error ?? '' },
  );
}

/** The values of one row of the outputs as JSON carries them: integers beyond a double and infinities as text, NaN as null. */
export function rowValues(outputs: readonly Tensor[], row: number, isBatched: boolean): unknown[] {
  return outputs.map((tensor) => {
    const length = isBatched ? rowLength(tensor.shape) : tensor.data.length;
    if (length === 1) return jsonValue(tensor, row);
    return Array.from({ length }, (_, at) => jsonValue(tensor, row * length + at));
  });
}

function jsonValue({ datatype, data }: Tensor, at: number): unknown {
  const value = datatype === 'FP16' ? fromHalf((data as Uint16Array).subarray(at, at + 1))[0] : data[at];
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (typeof value !== 'number') return value ?? null;
  if (datatype === 'BOOL') return value !== 0;
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? null : String(value);
}
