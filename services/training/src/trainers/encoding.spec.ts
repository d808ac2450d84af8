import { describe, expect, it } from 'vitest';
import { fitEncoding } from './encoding.js';
import type { Cell, Row } from './row.js';

const rowsOf = (cells: Cell[][]): Row[] => cells.map((row, i) => ({ occurredAt: i, label: 0, cells: row }));

describe('fitEncoding', () => {
  it('lets categories of fewer than five rows share one column', () => {
    const cells = [...Array.from({ length: 5 }, () => ['often']), ...Array.from({ length: 4 }, () => ['seldom'])];
    const { features, columnCount } = fitEncoding([{ name: 'c', kind: 'categorical' }], rowsOf(cells));
    expect(features[0]).toMatchObject({ columns: new Map([['often', 0]]), otherColumn: 1 });
    expect(columnCount).toBe(2);
  });

  it('imputes by the median of the present values and keeps a column for missing', () => {
    const { features, columnCount } = fitEncoding([{ name: 'n', kind: 'numeric' }], rowsOf([[1], [9], [2], [Number.NaN]]));
    expect(features[0]).toMatchObject({ median: 2, mean: 3.5, valueColumn: 0, missingColumn: 1 });
    expect(columnCount).toBe(2);
  });

  it('survives a numeric column without any value', () => {
    const { features } = fitEncoding([{ name: 'n', kind: 'numeric' }], rowsOf([[Number.NaN]]));
    expect(features[0]).toMatchObject({ median: 0, mean: 0, deviation: 1 });
  });

  it('does not depend on the order of the rows', () => {
    const cells = ['b', 'a'].flatMap((value) => Array.from({ length: 6 }, () => [value]));
    const feature = [{ name: 'c', kind: 'categorical' as const }];
    expect(fitEncoding(feature, rowsOf(cells))).toEqual(fitEncoding(feature, rowsOf([...cells].reverse())));
  });
});
