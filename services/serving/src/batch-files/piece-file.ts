import type { TensorDatatype } from '@bascule/contracts';
import { batchPieceUnreadable } from '../batch-jobs/errors.js';
import { elementCount, type TensorData } from '../inference/tensor.js';
import { bytesOf, dataFromBytes } from '../inference/tensor-bytes.js';
import { packParts, packTexts, unpackParts, unpackTexts } from './file-parts.js';

/** A row on its way to a model. */
export interface PieceRow {
  /** Number of the record in the input, from 1. */
  readonly number: number;
  /** The client's own id; empty when there is none. */
  readonly recordId: string;
  /** When it happened at the client; null when the input does not say. */
  readonly occurredAtMs: number | null;
  /** In the order of the features; undefined is a feature that the record does not have. */
  readonly cells: readonly unknown[];
  /** Why the row cannot be predicted. */
  readonly fault?: string;
}

/** Rows on top of one another: one value, or one tensor, per row. */
export interface Stacked {
  readonly datatype: TensorDatatype;
  /** Of one row. */
  readonly rowShape: readonly number[];
  readonly data: TensorData;
}

/** Rows whose tensors have one shape; they may share a run. */
export interface RowGroup {
  /** Their places in the piece, from 0, ascending. */
  readonly rows: Uint32Array;
  /** Per input of the model, or per output. */
  readonly tensors: readonly Stacked[];
}

/** Some rows of a job as tensors, ready for the model: read once, whoever works on them. */
export interface Piece {
  /** The job makes its bytes unlike those of every other job, so that they can be removed with it. */
  readonly jobId: string;
  readonly piece: number;
  /** Number of its first row in the input. */
  readonly first: number;
  readonly rowCount: number;
  /** Per row, empty where there is none. */
  readonly recordIds: readonly string[];
  /** Per row, NaN where the input does not say. */
  readonly occurredAtMs: Float64Array;
  readonly groups: readonly RowGroup[];
  /** Rows that cannot be predicted, and why. */
  readonly faults: readonly RowFault[];
}

/** The place of a row in its piece, and what is wrong with it. */
export type RowFault = readonly [row: number, message: string];

interface GroupHeader {
  readonly rows: number;
  readonly tensors: readonly { readonly datatype: TensorDatatype; readonly rowShape: readonly number[] }[];
}

type PieceHeader = Pick<Piece, 'jobId' | 'piece' | 'first' | 'rowCount' | 'faults'> & { readonly groups: readonly GroupHeader[] };

export function packPiece({ jobId, piece, first, rowCount, recordIds, occurredAtMs, groups, faults }: Piece): Buffer {
  const header: PieceHeader = { jobId, piece, first, rowCount, faults, groups: groups.map(headerOf) };
  return packParts({ header, parts: [packTexts(recordIds), bytesOf(occurredAtMs), ...groups.flatMap(partsOf)] });
}

export function unpackPiece(file: Buffer): Piece {
  const { header, parts } = unpackParts<PieceHeader>(file);
  const [ids, times, ...rest] = parts;
  return {
    ...header,
    recordIds: unpackTexts(ids, header.rowCount),
    occurredAtMs: numbersOf('FP64', header.rowCount, times) as Float64Array,
    groups: groupsOf(header.groups, rest),
  };
}

/** What the header of a file says about a group. */
export function headerOf({ rows, tensors }: RowGroup): GroupHeader {
  return { rows: rows.length, tensors: tensors.map(({ datatype, rowShape }) => ({ datatype, rowShape })) };
}

/** The bytes of a group, in the order in which `groupsOf` reads them. */
export function partsOf({ rows, tensors }: RowGroup): Uint8Array[] {
  return [bytesOf(rows), ...tensors.map(({ data }) => bytesOf(data))];
}

export function groupsOf(headers: readonly GroupHeader[] | undefined, parts: readonly Uint8Array[]): RowGroup[] {
  if (!headers) throw batchPieceUnreadable({}, 'its header says nothing about rows');
  let at = 0;
  return headers.map(({ rows, tensors }) => ({
    rows: numbersOf('UINT32', rows, parts[at++]) as Uint32Array,
    tensors: tensors.map(({ datatype, rowShape }) => ({
      datatype,
      rowShape,
      data: numbersOf(datatype, rows * elementCount(rowShape), parts[at++]),
    })),
  }));
}

function numbersOf(datatype: TensorDatatype, count: number, part: Uint8Array | undefined): TensorData {
  // a part that is not there, or not as long as it should be: another release had others
  const data = part ? dataFromBytes(datatype, count, part) : 'it is missing';
  if (typeof data === 'string') throw batchPieceUnreadable({}, `a part is not as expected: ${data}`);
  return data;
}
