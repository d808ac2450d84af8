import { describe, expect, it } from 'vitest';
import { GroupColumn } from './group-column.js';

const read = (column: GroupColumn, values: ArrayLike<unknown>) => {
  column.take(values);
  return Array.from(values, (_, at) => column.at(at));
};
const time = new Date('1990-01-08T00:00:00Z');
const many = Array.from({ length: 30_000 }, (_, i) => `text ${i}`);

describe('a column of a row group', () => {
  it.each<[string, ArrayLike<unknown>, unknown[]]>([
    [
      'numbers with gaps',
      [null, 1.5, undefined, -0, Number.NaN, Number.POSITIVE_INFINITY],
      [null, 1.5, null, -0, Number.NaN, Number.POSITIVE_INFINITY],
    ],
    ['whole numbers of 64 bits', [1n, null, -(2n ** 53n) + 1n], [1, null, -(2 ** 53) + 1]],
    ['whole numbers that fit no number', [1n, 2n ** 53n + 1n, null], [1, '9007199254740993', null]],
    ['whole numbers as they lie in memory', BigInt64Array.of(1n, -2n), [1, -2]],
    ['times', [time, null, new Date(Number.NaN)], [time, null, new Date(Number.NaN)]],
    ['texts that repeat', ['a', '', null, 'a', undefined], ['a', '', null, 'a', null]],
    ['truths', [true, null, false], [true, null, false]],
    ['too many texts to number them', many, many],
    ['kinds side by side', [1, 'a', true, null, time], [1, 'a', true, null, time]],
    ['texts before numbers', ['a', 1n, null], ['a', 1, null]],
    ['bytes and lists', [Uint8Array.of(1), [1n, null], { a: 2n }], ['AQ==', [1, null], { a: 2 }]],
    ['nothing at all', [null, undefined], [null, null]],
  ])('has %s', (_what, values, expected) => expect(read(new GroupColumn(), values)).toEqual(expected));

  it('forgets the group before, whatever it held', () => {
    const column = new GroupColumn();
    read(column, ['a', 'b', 'c']);
    expect(read(column, [1, null])).toEqual([1, null]);
    expect(read(column, ['d', null])).toEqual(['d', null]);
    expect(read(column, [time])).toEqual([time]);
    expect(read(column, [[1]])).toEqual([[1]]);
    expect(read(column, [null, 2])).toEqual([null, 2]);
  });
});
