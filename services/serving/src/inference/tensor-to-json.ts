import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TensorDatatype } from '@bascule/contracts';
import { fromHalf, type TensorData } from './tensor.js';

const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** Writes data as flat JSON: NaN as null, infinities as 1e999, 64-bit integers digit by digit. */
export function dataToJson(datatype: TensorDatatype, data: TensorData): unknown[] {
  if (Array.isArray(data)) return data;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return Array.from(data, bigToJson);
  if (datatype === 'BOOL') return Array.from(data, (cell) => cell !== 0);
  if (datatype === 'FP16') return floatsToJson(fromHalf(data as Uint16Array));
  if (datatype === 'FP32' || datatype === 'FP64') return floatsToJson(data);
  return Array.from(data);
}

function bigToJson(cell: bigint): unknown {
  const number = Number(cell);
  return Number.isSafeInteger(number) ? number : rawJSON(cell.toString());
}

function floatsToJson(data: ArrayLike<number>): unknown[] {
  const cells = new Array<unknown>(data.length);
  for (let index = 0; index < data.length; index++) {
    const cell = data[index] as number;
    cells[index] = cell !== 0 && Number.isFinite(cell) ? cell : unusualToJson(cell);
  }
  return cells;
}

// JSON would write the negative zero without its sign, and the others as null
function unusualToJson(cell: number): unknown {
  return Number.isNaN(cell) ? null : rawJSON(unusualToText(cell));
}

/** The same as text. */
export function dataToText(datatype: TensorDatatype, data: TensorData): string {
  if (datatype !== 'FP32' && datatype !== 'FP64') return JSON.stringify(dataToJson(datatype, data));
  if (data.length <= pieceCells) return `[${cellsToText(data, 0, data.length)}]`;
  const pieces: Buffer[] = [];
  for (let from = 0; from < data.length; from += pieceCells) {
    const text = cellsToText(data, from, Math.min(data.length, from + pieceCells));
    pieces.push(Buffer.from(from > 0 ? `,${text}` : text, 'latin1'));
  }
  return `[${Buffer.concat(pieces).toString('latin1')}]`;
}

/** The same in bytes, written a piece at a time: a million numbers take half a second, in which others are answered. */
export async function dataToTextInTurns(datatype: TensorDatatype, data: TensorData): Promise<Buffer[]> {
  const pieces: Buffer[] = [Buffer.from('[')];
  for (let from = 0; from < data.length; from += pieceCells) {
    if (from > 0) await nextTurn();
    const text = dataToText(datatype, data.slice(from, from + pieceCells) as TensorData).slice(1, -1);
    pieces.push(Buffer.from(from > 0 ? `,${text}` : text));
  }
  pieces.push(Buffer.from(']'));
  return pieces;
}

/** True for data whose text is better written in turns. */
export function isLongAsText({ length }: TensorData): boolean {
  return length > 2 * pieceCells;
}

/** A text that grows by cells is a tree of them, with many times its bytes on the heap, until it is read: it never grows beyond this. */
const pieceCells = 16_384;

function cellsToText(data: ArrayLike<unknown>, from: number, to: number): string {
  let text = '';
  for (let index = from; index < to; index++) {
    const cell = data[index] as number;
    if (index > from) text += ',';
    text += cell !== 0 && Number.isFinite(cell) ? cell : unusualToText(cell);
  }
  return text;
}

function unusualToText(cell: number): string {
  if (cell === 0) return Object.is(cell, -0) ? '-0.0' : '0';
  return Number.isNaN(cell) ? 'null' : cell > 0 ? '1e999' : '-1e999';
}
