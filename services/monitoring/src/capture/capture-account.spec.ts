import { describe, expect, it } from 'vitest';
import { type Account, type ArrivedBlock, closeAt, countIn, rangesOf, rowsLostAtMost } from './capture-account.js';

const empty: Account = { completeTo: 0, rowsReceived: 0, rowsSaid: 0, rowsSaidAt: 0, missing: new Set() };
const block = (sequence: number, rowsBefore: number | null, some: Partial<ArrivedBlock> = {}): ArrivedBlock => ({
  sequence,
  rows: 10,
  rowsBefore,
  isOverdue: false,
  ...some,
});
const overdue = { isOverdue: true };

describe('the account of a producer', () => {
  it('counts blocks in, and none twice', () => {
    const { account, settled } = countIn(empty, [block(1, 0), block(2, 10)]);
    expect(account).toMatchObject({ completeTo: 2, rowsReceived: 20, rowsSaid: 20, rowsSaidAt: 2 });
    expect(settled).toEqual([1, 2]);
    const again = countIn(account, [block(1, 0), block(2, 10)]);
    expect(again).toEqual({ account, settled: [1, 2] });
    expect(rowsLostAtMost(account)).toBe(0);
  });

  it('waits for a block that is late', () => {
    const { account, settled } = countIn(empty, [block(1, 0), block(3, 20)]);
    expect([account.completeTo, settled]).toEqual([1, [1]]);
    expect(countIn(account, [block(2, 10), block(3, 20)]).account).toMatchObject({ completeTo: 3, rowsReceived: 30 });
  });

  it('takes a gap for one when a block behind it is overdue, and knows exactly how many rows it held', () => {
    const { account, settled } = countIn(empty, [block(1, 0), block(4, 40, overdue)]);
    expect([account.completeTo, settled, rangesOf(account.missing)]).toEqual([4, [1, 4], [{ from: 2, to: 3 }]]);
    expect(rowsLostAtMost(account)).toBe(30);
  });

  it('bounds what a gap held when no block says how many rows came before it', () => {
    const { account } = countIn(empty, [block(1, null), block(4, null, overdue)]);
    expect(rowsLostAtMost(account)).toBe(2 * 256);
  });

  it('counts a block into its gap when it comes after all', () => {
    const gap = countIn(empty, [block(1, 0), block(4, 30, overdue)]).account;
    const filled = countIn(gap, [block(2, 10)]).account;
    expect([rangesOf(filled.missing), rowsLostAtMost(filled)]).toEqual([[{ from: 3, to: 3 }], 10]);
    expect(rowsLostAtMost(countIn(filled, [block(3, 20)]).account)).toBe(0);
  });

  it('misses what a gateway counted at its end and nobody has seen', () => {
    const { account } = countIn(empty, [block(1, 0)]);
    const closed = closeAt(account, { sequence: 3, rows: 25 });
    expect([rangesOf(closed.missing), rowsLostAtMost(closed)]).toEqual([[{ from: 2, to: 3 }], 15]);
    expect(closeAt(closed, { sequence: 3, rows: 25 })).toBe(closed);
  });

  it('misses the first block as well', () => {
    expect(rangesOf(countIn(empty, [block(2, 7, overdue)]).account.missing)).toEqual([{ from: 1, to: 1 }]);
  });
});
