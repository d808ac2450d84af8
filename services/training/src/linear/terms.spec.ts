import { describe, expect, it } from 'vitest';
import { frameOf } from '../trainers/frame.js';
import type { Cell, Feature } from '../trainers/row.js';
import { fitTerms, layTerms, mostDeviations } from './terms.js';

const frameWith = (features: Feature[], cells: Cell[][]) =>
  frameOf(
    features,
    cells.map((row, i) => ({ occurredAt: i, label: 0, cells: row })),
  );
const category: Feature = { name: 'c', kind: 'categorical' };
const number: Feature = { name: 'n', kind: 'numeric' };

describe('fitTerms', () => {
  it('lets categories of fewer than five rows share one column', () => {
    const cells = [...Array.from({ length: 5 }, () => ['often']), ...Array.from({ length: 4 }, () => ['seldom'])];
    const { terms, columnCount } = fitTerms(frameWith([category], cells));
    expect(terms[0]).toMatchObject({ columns: new Map([['often', 0]]), otherColumn: 1 });
    expect(columnCount).toBe(2);
  });

  it('imputes by the median of the present values and keeps a column for missing', () => {
    const { terms, columnCount } = fitTerms(frameWith([number], [[1], [9], [2], [Number.NaN]]));
    expect(terms[0]).toMatchObject({ fill: 2, mean: 3.5, valueColumn: 0, missingColumn: 1 });
    expect(columnCount).toBe(2);
  });

  it('imputes by the mean or by zero where a feature says so', () => {
    const cells = [[1], [9], [2], [Number.NaN]];
    expect(fitTerms(frameWith([{ ...number, impute: 'mean' }], cells)).terms[0]).toMatchObject({ fill: 4 });
    expect(fitTerms(frameWith([{ ...number, impute: 'zero' }], cells)).terms[0]).toMatchObject({ fill: 0 });
  });

  it('survives a numeric column without any value', () => {
    expect(fitTerms(frameWith([number], [[Number.NaN]])).terms[0]).toMatchObject({ fill: 0, mean: 0, deviation: 1 });
  });

  it('does not depend on the order of the rows', () => {
    const cells = ['b', 'a'].flatMap((value) => Array.from({ length: 6 }, () => [value]));
    expect(fitTerms(frameWith([category], cells))).toEqual(fitTerms(frameWith([category], [...cells].reverse())));
  });

  it('lets no value count for more than a number of deviations', () => {
    const frame = frameWith([number], [[1], [2], [3], [4]]);
    const laid = layTerms(fitTerms(frame), frameWith([number], [[1e30], [-1e30]]).columns);
    expect(laid[0]).toMatchObject({ values: Float32Array.of(mostDeviations, -mostDeviations) });
  });

  it('takes logarithms of both signs, within the bounds of a feature', () => {
    const feature: Feature = { ...number, log: true, clip: { min: -9, max: 99 } };
    const frame = frameWith([feature], [[-9], [-100], [99], [1e6]]);
    const { terms } = fitTerms(frame);
    const [laid] = layTerms(terms.length > 0 ? { terms, columnCount: 2 } : { terms, columnCount: 0 }, frame.columns);
    const values = laid?.kind === 'number' ? laid.values : new Float32Array();
    expect(values[0]).toBe(values[1]);
    expect(values[2]).toBe(values[3]);
    expect(terms[0]).toMatchObject({ mean: Math.fround((Math.log(100) - Math.log(10)) / 2) });
  });

  it('lets a category stand for its share of the rows where a feature says so', () => {
    const frame = frameWith([{ ...category, encode: 'frequency' }], [['a'], ['a'], ['a'], ['b']]);
    expect(fitTerms(frame).terms[0]).toMatchObject({
      kind: 'number',
      shares: new Map([
        ['a', 0.75],
        ['b', 0.25],
      ]),
    });
  });
});
