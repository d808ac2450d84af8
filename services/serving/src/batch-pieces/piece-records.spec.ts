import type { ModelSignature } from '@bascule/contracts';
import { describe, expect, it } from 'vitest';
import { PieceReader, type PieceRow, pieceHeaderLine, pieceRowLine } from './piece-file.js';
import { PieceRecords } from './piece-records.js';

const signature: ModelSignature = {
  inputs: [
    { name: 'speed', datatype: 'FP32', shape: [-1, 1] },
    { name: 'count', datatype: 'INT64', shape: [-1, 1] },
    { name: 'place', datatype: 'BYTES', shape: [-1, 1] },
    { name: 'pair', datatype: 'FP32', shape: [-1, 2] },
  ],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
};
const features = ['speed', 'count', 'place', 'pair'];
const row = (cells: readonly unknown[]): PieceRow => ({ number: 1, recordId: 'r', occurredAtMs: 5, cells });

const pieceOf = (rows: readonly PieceRow[]) =>
  new PieceReader([pieceHeaderLine({ jobId: 'j', piece: 0, features }), ...rows.map(pieceRowLine)].join('\n'));

/** A row as it arrives in a piece. */
const carried = (cells: readonly unknown[]) => pieceOf([row(cells)]).next(1)[0] as PieceRow;

describe('a row in a piece', () => {
  const records = new PieceRecords(signature, features);
  const cellsOf = (cells: readonly unknown[]) => {
    const read = records.read(carried(cells));
    return typeof read === 'string' ? read : records.tensors([read]).map(({ data }) => Array.from(data as ArrayLike<unknown>));
  };

  it('arrives with the values it had, from text as from typed cells', () => {
    expect(cellsOf(['1.5', '9007199254740993', 'a,"b"', '[1,2]'])).toEqual([[1.5], [9007199254740993n], ['a,"b"'], [1, 2]]);
    expect(cellsOf([1.5, 9007199254740993n, 'x\ny', new Float32Array([1, 2])])).toEqual([[1.5], [9007199254740993n], ['x\ny'], [1, 2]]);
    expect(cellsOf([Number.NEGATIVE_INFINITY, 7, '', [3, 4]])).toEqual([[Number.NEGATIVE_INFINITY], [7n], [''], [3, 4]]);
  });

  it('may lack numbers and texts, but no integers', () => {
    expect(cellsOf(['', '1', '', '[1,2]'])).toEqual([[Number.NaN], [1n], [''], [1, 2]]);
    expect(cellsOf([Number.NaN, 1, null, [1, 2]])).toEqual([[Number.NaN], [1n], [''], [1, 2]]);
    expect(cellsOf([1, '', 'a', [1, 2]])).toMatch(/^count: /);
  });

  it('comes with as many others as are asked for', () => {
    const rows = Array.from({ length: 5 }, (_, at) => ({ ...row([`\n,${at}`]), number: at + 1 }));
    const reader = pieceOf(rows);
    expect([reader.next(2), reader.next(2), reader.next(2), reader.next(2)]).toEqual([
      rows.slice(0, 2),
      rows.slice(2, 4),
      rows.slice(4),
      [],
    ]);
    expect(pieceOf([]).next(1)).toEqual([]);
  });

  it('that does not fit says which feature and why', () => {
    expect(cellsOf(['fast', 1, 'a', [1, 2]])).toMatch(/^speed: "fast" is not a number/);
    expect(cellsOf([1, 1, 'a', '[1,2,3]'])).toMatch(/^pair: /);
    expect(cellsOf([1, 1, 'a', 'no list'])).toMatch(/^pair: /);
  });

  it('keeps its number, its id, its time and its fault', () => {
    expect(pieceOf([row([1])]).next(9)).toEqual([row([1])]);
    const bad = { ...row([]), occurredAtMs: null, fault: 'two cells too many' };
    expect(pieceOf([bad]).next(9)).toEqual([bad]);
    expect(records.read(bad)).toBe('two cells too many');
  });
});
