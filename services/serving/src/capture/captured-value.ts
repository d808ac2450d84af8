import { fromHalf, type Tensor } from '../inference/tensor.js';
import type { FieldWriter } from './field-writer.js';

// one cell as the message `Value`: tag of its field, then what it holds
const tags = { number: 0x09, text: 0x12, integer: 0x18, flag: 0x20, numbers: 0x2a, packed: 0x0a, packedSingles: 0x12 } as const;
const doubleBytes = 9;

/** Writes one row of a tensor as a `Value` with its length; without a batch axis the whole tensor is one row. */
export function writeCells(writer: FieldWriter, tensor: Tensor, row: number, isBatched: boolean): void {
  const { data, datatype, shape } = tensor;
  const length = isBatched ? cellsPerRow(shape) : data.length;
  const start = row * length;
  const isHalf = datatype === 'FP16';
  const cells = isHalf ? fromHalf((data as Uint16Array).slice(start, start + length)) : data;
  const first = isHalf ? 0 : start;
  if (length === 1) writeCell(writer, datatype, cells[first]);
  else writeList(writer, cells, first, length);
}

type Cell = number | bigint | string;

function cellsPerRow(shape: readonly number[]): number {
  let cells = 1;
  for (let axis = 1; axis < shape.length; axis++) cells *= shape[axis] as number;
  return cells;
}

const floats: ReadonlySet<string> = new Set(['FP16', 'FP32', 'FP64', 'BF16']);

function writeCell(writer: FieldWriter, datatype: Tensor['datatype'], cell: Cell | undefined): void {
  if (typeof cell === 'string') writeText(writer, cell);
  // unsigned values above the signed range keep their size as a double
  else if (typeof cell === 'bigint' && cell >= 2n ** 63n) writeDouble(writer, Number(cell));
  else if (typeof cell === 'bigint') writeInteger(writer, cell);
  else if (cell === undefined || Number.isNaN(cell)) writer.byte(0);
  else if (datatype === 'BOOL') writeFlag(writer, cell !== 0);
  else if (floats.has(datatype)) writeDouble(writer, cell);
  else writeInteger(writer, cell);
}

function writeDouble(writer: FieldWriter, value: number): void {
  writer.byte(doubleBytes);
  writer.byte(tags.number);
  writer.double(value);
}

function writeFlag(writer: FieldWriter, value: boolean): void {
  writer.byte(2);
  writer.byte(tags.flag);
  writer.byte(value ? 1 : 0);
}

function writeInteger(writer: FieldWriter, value: number | bigint): void {
  // at most ten bytes and a tag: the length fits one byte
  writer.byte(0);
  const start = writer.length;
  writer.byte(tags.integer);
  writer.int64(value);
  writer.bytes[start - 1] = writer.length - start;
}

function writeText(writer: FieldWriter, value: string): void {
  const start = writer.openLength();
  writer.byte(tags.text);
  writer.text(value);
  writer.closeLength(start);
}

function writeList(writer: FieldWriter, data: ArrayLike<Cell>, start: number, length: number): void {
  if (typeof data[start] === 'string') {
    writeText(writer, JSON.stringify(Array.from({ length }, (_, i) => data[start + i])));
    return;
  }
  if (data instanceof Float32Array) {
    writeSingles(writer, data, start, length);
    return;
  }
  writer.reserve(length * 8 + 16);
  const value = writer.openLength();
  writer.byte(tags.numbers);
  const numbers = writer.openLength();
  if (length > 0) {
    writer.byte(tags.packed);
    writer.varint(length * 8);
    for (let index = start; index < start + length; index++) writer.double(Number(data[index]));
  }
  writer.closeLength(numbers);
  writer.closeLength(value);
}

/** As many bytes as the model saw; their number is known before, and so are the lengths around them. */
function writeSingles(writer: FieldWriter, data: Float32Array, start: number, length: number): void {
  const bytes = length * 4;
  const numbers = length === 0 ? 0 : 1 + varintBytes(bytes) + bytes;
  writer.varint(1 + varintBytes(numbers) + numbers);
  writer.byte(tags.numbers);
  writer.varint(numbers);
  if (length === 0) return;
  writer.byte(tags.packedSingles);
  writer.varint(bytes);
  writer.singles(data, start, length);
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) bytes++;
  return bytes;
}
