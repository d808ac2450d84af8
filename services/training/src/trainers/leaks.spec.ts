import { describe, expect, it } from 'vitest';
import { leaksOf } from './leaks.js';
import type { Cell, Feature, Row } from './row.js';
import { RowStore } from './row-store.js';
import type { Split } from './split.js';

const rows = (count: number, cellsOf: (at: number, label: 0 | 1) => Cell[], from = 0): Row[] =>
  Array.from({ length: count }, (_, at) => {
    const label = ((from + at) % 3 === 0 ? 1 : 0) as 0 | 1;
    return { occurredAt: from + at, label, cells: cellsOf(from + at, label) };
  });
const splitOf = (cellsOf: (at: number, label: 0 | 1) => Cell[], count = 300): Split => ({
  outcome: 'split',
  training: rows(count, cellsOf),
  holdout: rows(100, cellsOf, count),
  excludedCount: 0,
});
const one = (kind: Feature['kind']): Feature[] => [{ name: 'claim', kind }];

describe('leak checks', () => {
  it('refuse a category that is the label under another name', () => {
    expect(
      leaksOf(
        splitOf((_, label) => [label ? 'paid' : 'open']),
        one('categorical'),
      ).refusals,
    ).toEqual(['feature claim tells the label of every training row: it is the answer, or made from it']);
  });

  it('refuse a number that parts the labels without a fault', () => {
    expect(
      leaksOf(
        splitOf((at, label) => [label * 1000 + (at % 50)]),
        one('numeric'),
      ).refusals,
    ).toHaveLength(1);
  });

  it('refuse a number that parts several classes without a fault; a number to be told may rise with it', () => {
    const classed = (part: readonly Row[]) => part.map((row, at) => ({ ...row, label: at % 3, cells: [100 * (at % 3) + (at % 40)] }));
    const split = splitOf(() => [0]);
    const three: Split = { ...split, training: classed(split.training), holdout: classed(split.holdout) };
    expect(leaksOf(three, one('numeric'), 'multiclass').refusals).toHaveLength(1);
    expect(leaksOf(three, one('numeric'), 'regression').refusals).toEqual([]);
  });

  it('refuse the number that is to be told, as a store keeps it', () => {
    const store = new RowStore(one('numeric'));
    for (let at = 0; at < 400; at++) store.add({ occurredAt: at, label: at + 0.1, cells: [at + 0.1] });
    const stored = store.rows();
    const split: Split = { outcome: 'split', training: stored.slice(0, 300), holdout: stored.slice(300), excludedCount: 0 };
    expect(leaksOf(split, one('numeric')).refusals).toHaveLength(1);
  });

  it('let a number of every row, a category of its own for every row, and a single value pass', () => {
    expect(
      leaksOf(
        splitOf((at) => [at]),
        one('numeric'),
      ).refusals,
    ).toEqual([]);
    expect(
      leaksOf(
        splitOf((at) => [`c${at}`]),
        one('categorical'),
      ).refusals,
    ).toEqual([]);
    expect(
      leaksOf(
        splitOf(() => ['x']),
        one('categorical'),
      ).refusals,
    ).toEqual([]);
  });

  it('take nothing for a leak that so few rows may show by chance', () => {
    expect(
      leaksOf(
        splitOf((_, label) => [label ? 'a' : 'b'], 50),
        one('categorical'),
      ).refusals,
    ).toEqual([]);
  });

  it('note rows that stand on both sides', () => {
    expect(
      leaksOf(
        splitOf((at) => [at % 7]),
        one('numeric'),
      ).notes,
    ).toEqual(['100 % of the hold-out rows also stand, with their label, in the training part']);
    expect(
      leaksOf(
        splitOf((at) => [at]),
        one('numeric'),
      ).notes,
    ).toEqual([]);
  });
});
