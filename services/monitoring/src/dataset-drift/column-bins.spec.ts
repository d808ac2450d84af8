import type { ColumnProfile } from '@bascule/contracts';
import { psi, quantileEdges } from '@bascule/stats';
import { describe, expect, it } from 'vitest';
import { columnBins, rebinned } from './column-bins.js';

const column = (more: Partial<ColumnProfile>): ColumnProfile => {
  const facts = {
    name: 'x',
    type: 'number',
    role: 'feature',
    nullable: true,
    count: 0,
    missing: 0,
    distinct: 0,
    isApproximate: false,
  } as const;
  return { ...facts, ...more };
};
const countsOf = (values: number[], edges: number[]) => {
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (const value of values) counts[edges.filter((edge) => value >= edge).length]!++;
  return counts;
};
const distributionOf = (values: number[]) => {
  const edges = quantileEdges(values, 64);
  const [min, max] = [Math.min(...values), Math.max(...values)];
  return { min, max, mean: 0, standardDeviation: 1, quantiles: [0, 0, 0, 0, 0, 0, 0], edges, counts: countsOf(values, edges) };
};
const numbers = (of: (i: number) => number, count = 5000) => Array.from({ length: count }, (_, i) => of(i));

describe('columns of two versions', () => {
  it.each([
    ['spread alike', numbers((i) => (i * 7919) % 5000), 0.01],
    ['moved', numbers((i) => ((i * 7919) % 5000) + 900), 0.1],
    ['of half the range', numbers((i) => ((i * 7919) % 2500) + 1), 0.1],
    ['whole and few', numbers((i) => i % 7), 0.001],
  ])('that are %s are as far apart as their values are', (_what, values, tolerance) => {
    const reference = numbers((i) => (_what === 'whole and few' ? (i * 31) % 7 : (i * 104_729) % 5000));
    const [before, now] = [distributionOf(reference), distributionOf(values)];
    const exact = psi(before.counts, countsOf(values, before.edges));
    expect(Math.abs(psi(before.counts, rebinned(now, before.edges)) - exact)).toBeLessThan(tolerance * Math.max(1, exact));
  });

  it('count every value once', () => {
    const now = distributionOf(numbers((i) => i % 900));
    for (const into of [[], [-5], [450], [899], [900], [-1, 0, 3.5, 899, 2000]])
      expect(rebinned(now, into).reduce((sum, count) => sum + count, 0)).toBe(5000);
    expect(rebinned({ ...now, min: 5, max: 5, edges: [], counts: [7] }, [5])).toEqual([0, 7]);
  });

  it('line up by category: new ones alone, unlisted ones together, missing ones last', () => {
    const before = column({
      categories: [
        { value: 'a', count: 6 },
        { value: 'b', count: 4 },
      ],
      otherCount: 0,
      missing: 2,
    });
    const now = column({
      categories: [
        { value: 'b', count: 5 },
        { value: 'c', count: 3 },
      ],
      otherCount: 0,
    });
    expect(columnBins(before, now)).toEqual({ reference: [6, 4, 0, 2], current: [0, 5, 3, 0], referenceCount: 12, currentCount: 8 });
    const many = { ...before, otherCount: 9, missing: 0 };
    expect(columnBins(many, { ...now, otherCount: 1 })).toMatchObject({ reference: [6, 4, 9], current: [0, 5, 4] });
  });

  it('are not compared where a profile does not tell', () => {
    expect(columnBins(column({}), column({}))).toBeUndefined();
    expect(columnBins(column({ numeric: distributionOf([1, 2, 3]) }), column({ categories: [], count: 3 }))).toBeUndefined();
    const gone = columnBins(column({ numeric: distributionOf([1, 2, 3]), count: 3 }), column({ missing: 4 }));
    expect(gone).toMatchObject({ referenceCount: 3, currentCount: 4 });
  });
});
