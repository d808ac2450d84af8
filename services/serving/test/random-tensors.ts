import type { TensorDatatype } from '@bascule/contracts';
import { inference } from '@bascule/proto';
import { create } from '@bufbuild/protobuf';
import { elementTypes } from './identity-models.js';

export type Cell = number | bigint | boolean | string;
export interface Sample {
  readonly datatype: TensorDatatype;
  readonly shape: readonly number[];
  readonly cells: readonly Cell[];
}

/** The datatypes that models can have here. */
export const carried = (Object.keys(elementTypes) as TensorDatatype[]).filter((datatype) => datatype !== 'BF16');

// biome-ignore format: a table
const arrays = {
  UINT8: Uint8Array, UINT16: Uint16Array, UINT32: Uint32Array, UINT64: BigUint64Array,
  INT8: Int8Array, INT16: Int16Array, INT32: Int32Array, INT64: BigInt64Array,
  FP32: Float32Array, FP64: Float64Array, BOOL: Uint8Array,
  FP16: (globalThis as unknown as { Float16Array: typeof Float32Array }).Float16Array,
};
type Numeric = keyof typeof arrays;

const odd: Partial<Record<string, readonly Cell[]>> = {
  FP: [0, -0, Number.NaN, Infinity, -Infinity, 1, -1.5, 2 ** -14],
  FP64: [Number.MAX_VALUE, Number.MIN_VALUE, 2 ** 53 + 2, 0.1],
  INT64: [0n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n],
  UINT64: [0n, 2n ** 64n - 1n, 2n ** 63n],
  BYTES: ['', ' ', '\ufeffmark', 'ß', '日本語', '👩‍👩‍👧', '"\\', '\n\r\t', '\u0001\u007f', '{"a":[1]}', '\ufffd', 'null'],
};

/** A generator of numbers in [0, 1) that gives the same ones for the same seed. */
export function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Tensors of two axes with random cells, some of them unusual and some without any cell. `next` answers numbers in [0, 1). */
export function randomTensor(datatype: TensorDatatype, next: () => number): Sample {
  const shape = [Math.floor(next() * 5), Math.floor(next() * 4)];
  const cells = Array.from({ length: (shape[0] as number) * (shape[1] as number) }, () => randomCell(datatype, next));
  return { datatype, shape, cells: rounded(datatype, cells) };
}

function randomCell(datatype: TensorDatatype, next: () => number): Cell {
  const choices = [...(datatype.startsWith('FP') ? (odd['FP'] as Cell[]) : []), ...(odd[datatype] ?? [])];
  if (choices.length > 0 && next() < 0.4) return choices[Math.floor(next() * choices.length)] as Cell;
  if (datatype === 'BYTES') return String.fromCodePoint(...Array.from({ length: 8 }, () => 1 + Math.floor(next() * 0xd7fe)));
  if (datatype === 'BOOL') return next() < 0.5;
  if (datatype.endsWith('INT64')) return BigInt(Math.floor((next() - 0.5) * 2 ** 53)) * 1021n;
  return datatype.startsWith('FP') ? (next() - 0.5) * 1e4 : Math.floor((next() - 0.5) * 2 ** 33);
}

// the storage of a datatype rounds and wraps: what is left is what it can hold
function rounded(datatype: TensorDatatype, cells: readonly Cell[]): Cell[] {
  if (datatype === 'BYTES' || datatype === 'BOOL') return [...cells];
  return Array.from(arrays[datatype as Numeric].from(cells as never) as Iterable<number | bigint>);
}

/** The raw form: little-endian cells, texts behind their length. */
export function rawBytes({ datatype, cells }: Sample): Buffer {
  if (datatype === 'BYTES') {
    const texts = cells.map((cell) => Buffer.from(cell as string));
    return Buffer.concat(texts.flatMap((text) => [Buffer.from(Uint32Array.of(text.length).buffer), text]));
  }
  return Buffer.from(
    arrays[datatype as Numeric].from(cells.map((cell) => (typeof cell === 'boolean' ? Number(cell) : cell)) as never).buffer,
  );
}

/** The cells behind the raw form. */
export function cellsOf(datatype: TensorDatatype, raw: Uint8Array): Cell[] {
  const bytes = Buffer.from(raw);
  if (datatype !== 'BYTES') {
    const cells = Array.from(new arrays[datatype as Numeric](Uint8Array.from(bytes).buffer) as Iterable<number | bigint>);
    return datatype === 'BOOL' ? cells.map((cell) => cell === 1) : cells;
  }
  const texts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    texts.push(bytes.toString('utf8', at + 4, at + 4 + length));
    at += 4 + length;
  }
  return texts;
}

const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** The cells as JSON values: NaN as null, infinities as 1e999, long integers digit by digit. */
export function jsonCells({ cells }: Sample): unknown[] {
  return cells.map((cell) => {
    if (typeof cell === 'bigint') return rawJSON(String(cell));
    if (typeof cell !== 'number' || Number.isFinite(cell)) return Object.is(cell, -0) ? rawJSON('-0.0') : cell;
    return Number.isNaN(cell) ? null : rawJSON(cell > 0 ? '1e999' : '-1e999');
  });
}

// biome-ignore format: a table
const fields: Partial<Record<TensorDatatype, string>> = {
  BOOL: 'boolContents', INT8: 'intContents', INT16: 'intContents', INT32: 'intContents', INT64: 'int64Contents',
  UINT8: 'uintContents', UINT16: 'uintContents', UINT32: 'uintContents', UINT64: 'uint64Contents',
  FP32: 'fp32Contents', FP64: 'fp64Contents', BYTES: 'bytesContents',
};

/** The typed contents of gRPC; undefined for datatypes that travel raw only. */
export function contentsOf({ datatype, cells }: Sample): inference.InferTensorContents | undefined {
  const field = fields[datatype];
  if (!field) return undefined;
  const values = datatype === 'BYTES' ? cells.map((cell) => Buffer.from(cell as string)) : cells;
  return create(inference.InferTensorContentsSchema, { [field]: values });
}

/** The cells behind typed contents. */
export function cellsOfContents(datatype: TensorDatatype, contents: inference.InferTensorContents | undefined): Cell[] {
  const values = (contents?.[fields[datatype] as keyof inference.InferTensorContents] ?? []) as Cell[];
  return datatype === 'BYTES' ? values.map((cell) => Buffer.from(cell as never).toString('utf8')) : values;
}
