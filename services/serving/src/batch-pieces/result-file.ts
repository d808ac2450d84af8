import { fromHalf, rowLength, type Tensor } from '../inference/tensor.js';
import { TextLines } from './text-lines.js';

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

/** Writes the results of a piece as lines of JSON: the same results give the same bytes, whoever made them. */
export class ResultWriter {
  rowCount = 0;
  failedCount = 0;
  private readonly parts: string[];

  constructor(header: ResultHeader) {
    this.parts = [JSON.stringify(header)];
  }

  /** Adds the rows of a slice in their order. */
  add(rows: ResultRow[]): void {
    if (rows.length === 0) return;
    rows.sort((a, b) => a.number - b.number);
    this.rowCount += rows.length;
    this.parts.push(rows.map((row) => this.line(row)).join('\n'));
  }

  text(): string {
    return `${this.parts.join('\n')}\n`;
  }

  private line({ number, recordId, outputs, error }: ResultRow): string {
    if (outputs !== undefined) return JSON.stringify([number, recordId, null, outputs]);
    this.failedCount++;
    return JSON.stringify([number, recordId, error ?? '']);
  }
}

const blockRows = 500;

type Line = readonly [number, string, string | null, (readonly unknown[])?];

/** Reads back what a `ResultWriter` wrote, some rows at a time. */
export function* readResult(text: string): Generator<ResultRow[]> {
  const lines = new TextLines(text);
  lines.next(1);
  for (let block = lines.next(blockRows); block !== ''; block = lines.next(blockRows)) {
    const parsed = JSON.parse(`[${block.trimEnd().replaceAll('\n', ',')}]`) as Line[];
    yield parsed.map(([number, recordId, error, outputs]) =>
      outputs ? { number, recordId, outputs } : { number, recordId, error: error ?? '' },
    );
  }
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
