import { elementCount, type Tensor, type TensorData } from '../inference/tensor.js';
import { packParts, packTexts, unpackParts, unpackTexts } from './file-parts.js';
import { groupsOf, headerOf, type Piece, partsOf, type RowFault, type RowGroup, type Stacked } from './piece-file.js';

/** What became of the rows of a piece. */
export interface PieceResult {
  readonly jobId: string;
  readonly piece: number;
  /** Number of its first row in the input. */
  readonly first: number;
  readonly rowCount: number;
  readonly recordIds: readonly string[];
  /** The outputs of the model in its order, for rows that it answered. */
  readonly groups: readonly RowGroup[];
  /** The others. */
  readonly faults: readonly RowFault[];
}

type ResultHeader = Omit<PieceResult, 'recordIds' | 'groups'> & { readonly groups: readonly ReturnType<typeof headerOf>[] };

interface Answered {
  readonly rows: Uint32Array;
  readonly tensors: readonly Stacked[];
}

/** Gathers the results of a piece, in whatever order they come: the same results give the same bytes, whoever made them. */
export class ResultWriter {
  private readonly answered = new Map<string, Answered[]>();
  private readonly faults: RowFault[];

  constructor(private readonly of: Pick<Piece, 'jobId' | 'piece' | 'first' | 'rowCount' | 'recordIds' | 'faults'>) {
    this.faults = [...of.faults];
  }

  get failedCount(): number {
    return this.faults.length;
  }

  /** Adds what the model answered for some rows, ascending; `isBatched` when the first axis of the outputs is the rows. */
  add(rows: Uint32Array, outputs: readonly Tensor[], isBatched: boolean): void {
    const tensors = outputs.map(({ datatype, shape, data }) => ({ datatype, rowShape: isBatched ? shape.slice(1) : shape, data }));
    const key = tensors.map(({ rowShape }) => rowShape.join('x')).join();
    const group = this.answered.get(key);
    if (group) group.push({ rows, tensors });
    else this.answered.set(key, [{ rows, tensors }]);
  }

  /** Adds a row without an answer. */
  fail(row: number, message: string): void {
    this.faults.push([row, message]);
  }

  bytes(): Buffer {
    const { jobId, piece, first, rowCount, recordIds } = this.of;
    const groups = [...this.answered.values()].map(joined).sort((a, b) => (a.rows[0] as number) - (b.rows[0] as number));
    const faults = this.faults.toSorted(([a], [b]) => a - b);
    const header: ResultHeader = { jobId, piece, first, rowCount, faults, groups: groups.map(headerOf) };
    return packParts({ header, parts: [packTexts(recordIds), ...groups.flatMap(partsOf)] });
  }
}

export function unpackResult(file: Buffer): PieceResult {
  const { header, parts } = unpackParts<ResultHeader>(file);
  const [ids, ...rest] = parts;
  return { ...header, recordIds: unpackTexts(ids, header.rowCount), groups: groupsOf(header.groups, rest) };
}

/** Some rows of a tensor: a view where that is possible. */
export function rowsOf({ rowShape, data }: Stacked, from: number, to: number): TensorData {
  const length = elementCount(rowShape);
  return (Array.isArray(data) ? data.slice(from * length, to * length) : data.subarray(from * length, to * length)) as TensorData;
}

/** One group of all slices of one form, its rows ascending. */
function joined(slices: readonly Answered[]): RowGroup {
  // where each row lies: slices of several forms of input interleave
  const places = slices.flatMap(({ rows }, slice) => Array.from(rows, (row, at) => ({ row, slice, at })));
  const isSorted = places.every(({ row }, at) => at === 0 || row > (places[at - 1]?.row as number));
  if (!isSorted) places.sort((a, b) => a.row - b.row);
  const tensors = (slices[0] as Answered).tensors.map((like, output): Stacked => {
    const length = elementCount(like.rowShape);
    const target = emptyLike(like.data, places.length * length);
    if (isSorted) {
      let at = 0;
      for (const { rows, tensors: own } of slices) {
        copy(target, (own[output] as Stacked).data, at, 0, rows.length * length);
        at += rows.length * length;
      }
    } else {
      for (const [position, { slice, at }] of places.entries()) {
        copy(target, slices[slice]?.tensors[output]?.data as TensorData, position * length, at * length, length);
      }
    }
    return { datatype: like.datatype, rowShape: like.rowShape, data: target };
  });
  return { rows: Uint32Array.from(places, ({ row }) => row), tensors };
}

function emptyLike(data: TensorData, length: number): TensorData {
  if (Array.isArray(data)) return new Array<string>(length).fill('');
  const ArrayType = data.constructor as new (count: number) => Exclude<TensorData, string[]>;
  return new ArrayType(length);
}

function copy(target: TensorData, source: TensorData, to: number, from: number, count: number): void {
  if (Array.isArray(target)) for (let at = 0; at < count; at++) target[to + at] = source[from + at] as string;
  else (target as Float32Array).set((source as Float32Array).subarray(from, from + count), to);
}
