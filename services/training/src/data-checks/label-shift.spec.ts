import { describe, expect, it } from 'vitest';
import { motorClaimsAbsent, readMotorClaims } from '../../test/motor-claims.js';
import { coarsened, labelShiftOf } from './label-shift.js';

describe('the shift of labels', () => {
  it('of yes and no is that of yes', () => {
    expect(labelShiftOf({ positive: [1] }, { '0': 90, '1': 10 }, { '0': 5, '1': 5, '': 1 })).toEqual({
      labelsBefore: { rowCount: 100, positiveCount: 10 },
      labelsSince: { rowCount: 11, positiveCount: 5 },
    });
  });

  it('of several classes is that of the one that moved most', () => {
    const label = { task: 'multiclass' as const, positive: [], classes: ['small', 'medium', 'large'] };
    expect(labelShiftOf(label, { small: 60, medium: 30, large: 10 }, { small: 55, medium: 5, large: 40 })).toEqual({
      labelName: 'large',
      labelsBefore: { rowCount: 100, positiveCount: 10 },
      labelsSince: { rowCount: 100, positiveCount: 40 },
    });
  });

  it('of numbers is how many lie above the median of before', () => {
    const label = { task: 'regression' as const, positive: [] };
    expect(labelShiftOf(label, { '1': 25, '2': 25, '3': 25, '40': 25 }, { '2': 10, '40': 90 })).toEqual({
      labelName: 'above 2',
      labelsBefore: { rowCount: 100, positiveCount: 50 },
      labelsSince: { rowCount: 100, positiveCount: 90 },
    });
  });

  it.skipIf(motorClaimsAbsent)(`of real numbers is told although they hardly repeat${motorClaimsAbsent}`, () => {
    const premiums = readMotorClaims()
      .map(({ cells }) => Number(cells[8]))
      .filter(Number.isFinite);
    const count = (values: readonly number[]) => {
      const counts = new Map<string, number>();
      for (const value of values) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
      const rough = coarsened(counts, 300);
      expect(rough.size).toBeLessThan(300);
      return Object.fromEntries(rough);
    };
    const half = Math.floor(premiums.length / 2);
    const label = { task: 'regression' as const, positive: [] };
    const shareOf = (since: readonly number[]) => {
      const { labelsSince } = labelShiftOf(label, count(premiums.slice(0, half)), count(since));
      return labelsSince.positiveCount / labelsSince.rowCount;
    };
    expect(Math.abs(shareOf(premiums.slice(half)) - 0.5)).toBeLessThan(0.1);
    expect(shareOf(premiums.slice(half).map((value) => value * 100))).toBeGreaterThan(0.95);
  });
});
