import { describe, expect, it } from 'vitest';
import type { Row } from './row.js';
import { shareOfHash, splitKey, splitRows } from './split.js';

const rows: Row[] = Array.from({ length: 2000 }, (_, at) => ({ occurredAt: at, label: at % 2, cells: [at % 500], group: `g${at % 100}` }));

describe('splitRows', () => {
  it('by group keeps all rows of a group on one side, and holds out about the share', () => {
    const split = splitRows(rows, { holdoutFraction: 0.3, by: 'group', column: 'customer' });
    if (split.outcome !== 'split') throw new Error(split.reasons.join());
    const [training, holdout] = [split.training, split.holdout].map((part) => new Set(part.map(({ group }) => group)));
    expect([...training!].filter((group) => holdout!.has(group))).toEqual([]);
    expect(holdout!.size).toBeGreaterThan(15);
    expect(holdout!.size).toBeLessThan(45);
  });

  it('by hash keeps equal rows together, and gives the same sides when rows are added', () => {
    const bare = rows.map(({ group: _, ...row }) => row);
    const heldOf = (of: readonly Row[]) => {
      const split = splitRows(of, { holdoutFraction: 0.25, by: 'hash' });
      if (split.outcome !== 'split') throw new Error(split.reasons.join());
      expect(split.training.length + split.holdout.length).toBe(of.length);
      return new Set(split.holdout.map((row) => splitKey(row)));
    };
    const before = heldOf(bare.slice(0, 1000));
    const after = heldOf(bare);
    for (const key of before) expect(after.has(key)).toBe(true);
    expect(after.size / 500).toBeCloseTo(0.25, 1);
  });

  it('by hash is decided by the features alone: what stands beside them moves no row', () => {
    const beside = (word: string): Row[] => rows.map(({ group: _, ...row }, at) => ({ ...row, cells: [...row.cells, `${word} ${at}`] }));
    const heldOf = (of: readonly Row[]) => {
      const split = splitRows(of, { holdoutFraction: 0.25, by: 'hash', featureCount: 1 });
      return split.outcome === 'split' ? split.holdout.map(({ occurredAt }) => occurredAt) : split.reasons;
    };
    expect(heldOf(beside('a column that is looked at'))).toEqual(heldOf(beside('a feature that only the champion knows')));
    expect(new Set(heldOf(beside('x')).map((at) => Number(at) % 500)).size).toBe(heldOf(beside('x')).length / 4);
  });

  it('keeps both parts in the order of time', () => {
    const split = splitRows([...rows].reverse(), { holdoutFraction: 0.3, by: 'group', column: 'customer' });
    const times = split.outcome === 'split' ? split.holdout.map(({ occurredAt }) => occurredAt) : [];
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('spreads hashes evenly', () => {
    const low = Array.from({ length: 10_000 }, (_, at) => shareOfHash(`row ${at}`)).filter((share) => share < 0.2).length;
    expect(low / 10_000).toBeCloseTo(0.2, 1);
  });

  it('refuses a part that lacks a class', () => {
    const target = { task: 'multiclass', classes: ['a', 'b', 'c'] } as const;
    const split = splitRows(rows, { holdoutFraction: 0.3 }, [], rows, target);
    expect(split).toMatchObject({ outcome: 'refuse', reasons: [expect.stringContaining('no row of class c')] });
  });
});
