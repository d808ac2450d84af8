import type { ModelSignature } from '@bascule/contracts';
import { describe, expect, it } from 'vitest';
import { type PieceRow, pieceHeaderLine, pieceRowLine, pieceRows, readPiece } from './piece-file.js';
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

/** A row as it arrives behind a piece. */
function carried(cells: readonly unknown[]): PieceRow {
  const { lines } = readPiece([pieceHeaderLine({ jobId: 'j', piece: 0, features }), pieceRowLine(row(cells))].join('\n'));
  return pieceRows(lines)[0] as PieceRow;
}

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

  it('that does not fit says which feature and why', () => {
    expect(cellsOf(['fast', 1, 'a', [1, 2]])).toMatch(/^speed: "fast" is not a number/);
    expect(cellsOf([1, 1, 'a', '[1,2,3]'])).toMatch(/^pair: /);
    expect(cellsOf([1, 1, 'a', 'no list'])).toMatch(/^pair: /);
  });

  it('keeps its number, its id, its time and its fault', () => {
    expect(pieceRows([pieceRowLine(row([1]))])).toEqual([row([1])]);
    const bad = { ...row([]), occurredAtMs: null, fault: 'two cells too many' };
    expect(pieceRows([pieceRowLine(bad)])).toEqual([bad]);
    expect(records.read(bad)).toBe('two cells too many');
  });
});
