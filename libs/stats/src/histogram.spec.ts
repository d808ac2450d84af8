import { describe, expect, it } from 'vitest';
import { countIntoBins, quantile, quantileEdges } from './histogram.js';

describe('quantile', () => {
  it('interpolates between neighbours', () => expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5));
  it('is not a number for nothing', () => expect(quantile([], 0.5)).toBeNaN());
});

describe('edges', () => {
  it('split into bins of about equal count', () => {
    const values = Array.from({ length: 1000 }, (_, i) => i);
    expect(countIntoBins(values, quantileEdges(values, 10))).toEqual(new Array(10).fill(100));
  });
  it('are strictly increasing when values repeat', () => {
    expect(quantileEdges([1, 1, 1, 1, 1, 1, 2, 2, 2, 9], 5)).toEqual([2]);
    expect(quantileEdges([5, 5, 5], 10)).toEqual([]);
  });
  it('leave missing values out', () => expect(quantileEdges([Number.NaN, 1, 2, Number.POSITIVE_INFINITY], 2)).toEqual([2]));
});

describe('counting into bins', () => {
  it('puts a value on an edge into the upper bin', () => expect(countIntoBins([1, 2, 2.5], [2])).toEqual([1, 2]));
  it('has one bin without edges', () => expect(countIntoBins([1, Number.NaN], [])).toEqual([1]));
});
