import type { ModelSignature } from '@bascule/contracts';
import { describe, expect, it } from 'vitest';
import { packParts, unpackParts } from './file-parts.js';
import { PieceBuilder } from './piece-builder.js';
import { type Piece, type PieceRow, packPiece, unpackPiece } from './piece-file.js';

const signature: ModelSignature = {
  inputs: [
    { name: 'speed', datatype: 'FP32', shape: [-1, 1] },
    { name: 'count', datatype: 'INT64', shape: [-1, 1] },
    { name: 'place', datatype: 'BYTES', shape: [-1, 1] },
    { name: 'pair', datatype: 'FP32', shape: [-1, -1] },
  ],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
};
const plain: ModelSignature = { ...signature, inputs: [...signature.inputs.slice(0, 3), { name: 'w', datatype: 'FP16', shape: [-1, 1] }] };
const features = ['speed', 'count', 'place', 'pair'];
const row = (cells: readonly unknown[], number = 1): PieceRow => ({ number, recordId: `r${number}`, occurredAtMs: 5, cells });

function pieceOf(rows: readonly PieceRow[], of = signature, names = features, absent: 'refuse' | 'missing' = 'refuse'): Piece {
  const builder = new PieceBuilder(of, names, absent);
  for (const each of rows) builder.add(each);
  return unpackPiece(packPiece(builder.take('j', 3)));
}
const dataOf = ({ groups }: Piece) =>
  groups.map(({ rows, tensors }) => [Array.from(rows), ...tensors.map(({ data }) => Array.from(data as ArrayLike<unknown>))]);
const cellsOf = (cells: readonly unknown[]) => {
  const piece = pieceOf([row(cells)]);
  return piece.faults[0]?.[1] ?? dataOf(piece)[0]?.slice(1);
};

describe('a row in a piece', () => {
  it('arrives with the values it had, from text as from typed cells', () => {
    expect(cellsOf(['1.5', '9007199254740993', 'a,"b"', '[1,2]'])).toEqual([[1.5], [9007199254740993n], ['a,"b"'], [1, 2]]);
    expect(cellsOf([1.5, 9007199254740993n, 'x\ny', new Float32Array([1, 2])])).toEqual([[1.5], [9007199254740993n], ['x\ny'], [1, 2]]);
    expect(cellsOf([Number.NEGATIVE_INFINITY, 7, '', [3, 4]])).toEqual([[Number.NEGATIVE_INFINITY], [7n], [''], [3, 4]]);
  });

  it('may have missing numbers and texts, but no missing integers', () => {
    expect(cellsOf(['', '1', '', '[1,2]'])).toEqual([[Number.NaN], [1n], [''], [1, 2]]);
    expect(cellsOf([Number.NaN, 1, null, [1, 2]])).toEqual([[Number.NaN], [1n], [''], [1, 2]]);
    expect(cellsOf([1, '', 'a', [1, 2]])).toMatch(/^count: /);
  });

  it('is refused without a feature, unless the job takes what is absent for missing', () => {
    expect(cellsOf([undefined, 1, 'a', [1, 2]])).toMatch(/^speed: the record does not have this feature/);
    const lenient = pieceOf([row([undefined, 1, undefined, [1, 2]])], signature, features, 'missing');
    expect([lenient.faults, dataOf(lenient)]).toEqual([[], [[[0], [Number.NaN], [1n], [''], [1, 2]]]]);
    const named = ['speed', 'count', 'place', 'w'];
    expect(pieceOf([row([1, 1, 'a', undefined])], plain, named).faults[0]?.[1]).toMatch(/^w: the record does not have this feature/);
    expect(dataOf(pieceOf([row([1, 1, 'a', undefined])], plain, named, 'missing'))[0]?.[1]).toEqual([1]);
  });

  it('that does not fit says which feature and why', () => {
    expect(cellsOf(['fast', 1, 'a', [1, 2]])).toMatch(/^speed: "fast" is not a number/);
    expect(cellsOf([1, 1, 'a', '[[1],[2,3]]'])).toMatch(/^pair: /);
    expect(cellsOf([1, 1, 'a', 'no list'])).toMatch(/^pair: /);
  });

  it('has as many values as its feature takes, or is bad', () => {
    const pairs: ModelSignature = { ...signature, inputs: [{ name: 'pair', datatype: 'FP32', shape: [-1, 2] }] };
    const piece = pieceOf(
      [[1], '[1,2,3]', '[1,2]', [], 7, new Float32Array([3, 4])].map((pair, at) => row([pair], at + 1)),
      pairs,
      ['pair'],
    );
    expect(piece.faults.map(([at]) => at)).toEqual([0, 1, 3, 4]);
    for (const [, message] of piece.faults) expect(message).toMatch(/^pair: /);
    expect(dataOf(piece)).toEqual([
      [
        [2, 5],
        [1, 2, 3, 4],
      ],
    ]);
  });

  it('stands beside others of its shape; bad ones in between keep their place and their fault', () => {
    const named = ['speed', 'count', 'place', 'w'];
    const bad = { ...row([], 8), occurredAtMs: null, fault: 'two cells too many' };
    const rows = [row([1, 2, 'a', '0.5'], 7), bad, row([3, 'x', 'b', 1], 9), row([5, 6, 'c', 1], 10)];
    const piece = pieceOf(rows, plain, named);
    expect(piece).toMatchObject({ jobId: 'j', piece: 3, first: 7, rowCount: 4, recordIds: ['r7', 'r8', 'r9', 'r10'] });
    expect(Array.from(piece.occurredAtMs)).toEqual([5, Number.NaN, 5, 5]);
    expect(piece.faults).toEqual([
      [1, 'two cells too many'],
      [2, expect.stringMatching(/^count: /)],
    ]);
    expect(dataOf(piece)).toEqual([
      [
        [0, 3],
        [1, 5],
        [2n, 6n],
        ['a', 'c'],
        [0x3800, 0x3c00],
      ],
    ]);
  });

  it('that nobody can carry is a bad row, and leaves nothing of itself among the others', () => {
    const endless = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    const piece = pieceOf([row([1, endless, 'a', 1]), row([3, 4, 'b', 1], 2)], plain, ['speed', 'count', 'place', 'w']);
    expect(piece.faults).toEqual([[0, expect.stringMatching(/^the row cannot be carried: /)]]);
    expect(dataOf(piece)).toEqual([[[1], [3], [4n], ['b'], [0x3c00]]]);
  });

  it('shares a run with those of its shape only', () => {
    const piece = pieceOf([row([1, 1, 'a', [1]]), row([2, 1, 'b', [1, 2]], 2), row([3, 1, 'c', [3]], 3)]);
    expect(dataOf(piece)).toEqual([
      [
        [0, 2],
        [1, 3],
        [1n, 1n],
        ['a', 'c'],
        [1, 3],
      ],
      [[1], [2], [1n], ['b'], [1, 2]],
    ]);
  });

  it('leaves nothing behind for the next piece', () => {
    const builder = new PieceBuilder(plain, ['speed', 'count', 'place', 'w'], 'refuse');
    builder.add(row([1, 2, 'a', 0.5]));
    builder.take('j', 0);
    expect([builder.rowCount, builder.length]).toEqual([0, 0]);
    builder.add(row([3, 4, 'b', 1], 2));
    expect(dataOf(unpackPiece(packPiece(builder.take('j', 1))))).toEqual([[[0], [3], [4n], ['b'], [0x3c00]]]);
  });

  it('is not read from a file of something else', () => {
    const builder = new PieceBuilder(plain, ['speed', 'count', 'place', 'w'], 'refuse');
    builder.add(row([1, 2, 'a', 0.5]));
    const file = packPiece(builder.take('j', 0));
    const { header, parts } = unpackParts<Record<string, unknown>>(file);
    const unread = [
      Buffer.from('{"jobId":"j","piece":0}'),
      Buffer.alloc(0),
      file.subarray(0, 40),
      packParts({ header, parts: parts.slice(0, -1) }),
      packParts({ header, parts: [] }),
      packParts({ header: { ...header, groups: undefined }, parts }),
      packParts({ header, parts: [...parts.slice(0, -1), new Uint8Array(3)] }),
    ];
    const codes = unread.map((bytes) => {
      try {
        return unpackPiece(bytes).jobId;
      } catch (error) {
        return (error as { code?: string }).code;
      }
    });
    expect(codes).toEqual(unread.map(() => 'serving.batch_piece_unreadable'));
  });
});
