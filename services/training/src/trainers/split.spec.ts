import { describe, expect, it } from 'vitest';
import type { Row } from './row.js';
import { type Split, splitByTime } from './split.js';

const dayMs = 86_400_000;
const daily = (count: number, label = (i: number): 0 | 1 => (i % 3 === 0 ? 1 : 0)): Row[] =>
  Array.from({ length: count }, (_, i) => ({ occurredAt: i * dayMs, label: label(i), cells: [] }));

describe('splitByTime', () => {
  it('keeps the latest rows as hold-out: each lies later than every training row', () => {
    const split = splitByTime(daily(1000).reverse(), { holdoutFraction: 0.3 }) as Split;
    expect([split.training.length, split.holdout.length]).toEqual([700, 300]);
    expect(split.training.at(-1)!.occurredAt).toBeLessThan(split.holdout.at(0)!.occurredAt);
  });

  it('uses only the recent days before the newest row', () => {
    const split = splitByTime(daily(1000), { recentDays: 400, holdoutFraction: 0.25 }) as Split;
    expect(split.training.length + split.holdout.length).toBe(400);
    expect(split.training.at(0)!.occurredAt).toBe(600 * dayMs);
  });

  it('never puts rows of one instant on both sides', () => {
    const rows = daily(1000).map((row) => ({ ...row, occurredAt: Math.floor(row.occurredAt / (50 * dayMs)) }));
    const split = splitByTime(rows, { holdoutFraction: 0.33 }) as Split;
    expect(split.training.at(-1)!.occurredAt).toBeLessThan(split.holdout.at(0)!.occurredAt);
  });

  it('leaves out the rows of excluded windows and counts them', () => {
    const split = splitByTime(daily(1000), { holdoutFraction: 0.3 }, [{ from: 900 * dayMs, to: 950 * dayMs }]) as Split;
    expect(split.excludedCount).toBe(50);
    expect([...split.training, ...split.holdout].some(({ occurredAt }) => occurredAt >= 900 * dayMs && occurredAt < 950 * dayMs)).toBe(
      false,
    );
  });

  it('evaluates on the hold-out of another dataset, and trains on own rows before it', () => {
    const other = daily(1000, (i) => (i % 2 === 0 ? 1 : 0));
    const split = splitByTime(daily(1000), { holdoutFraction: 0.3 }, [], other) as Split;
    expect(split.holdout).toEqual(other.slice(700));
    expect(split.training).toHaveLength(700);
  });

  it.each([
    ['too few rows', daily(60), 'the training part has 42 labelled rows and needs 100'],
    ['no rows', [], 'the training part has 0 labelled rows and needs 100'],
    [
      'one class in training',
      daily(1000, (i) => (i < 700 ? 0 : ((i % 2) as 0 | 1))),
      'the training part from 1970-01-01 to 1971-12-01 has no positive row',
    ],
    [
      'one class in the hold-out',
      daily(1000, (i) => (i < 700 ? ((i % 2) as 0 | 1) : 1)),
      'the hold-out from 1971-12-02 to 1972-09-26 has no negative row',
    ],
  ])('refuses %s with the reason', (_, rows, reason) => {
    expect(splitByTime(rows as Row[], { holdoutFraction: 0.3 })).toMatchObject({
      outcome: 'refuse',
      reasons: expect.arrayContaining([reason]),
    });
  });
});
