import { describe, expect, it } from 'vitest';
import { WindowCounts } from './window-counts.js';

function countsOf(rows: [string | undefined, number | undefined][]): WindowCounts {
  const counts = new WindowCounts();
  for (const [phase, speed] of rows) {
    counts.addRow(
      [
        ['phase', phase],
        ['speed', speed],
      ],
      speed === 0 ? undefined : 0.25,
    );
  }
  return counts;
}

describe('counters of a window', () => {
  const one = countsOf([
    ['Climb', 100],
    ['Climb', undefined],
    [undefined, 0],
  ]);
  const other = countsOf([['Approach', 100]]);

  it('count values, missing cells and unusable answers', () => {
    expect(one.toJSON()).toMatchObject({
      rows: 3,
      invalid: 1,
      missing: { phase: 1, speed: 1 },
      categorical: { phase: { counts: [['Climb', 2]] } },
    });
    expect(one.numeric.get('speed')!.entries()).toEqual([
      [0, 1],
      [100, 1],
    ]);
  });

  it('merge to those of all rows', () => {
    const merged = new WindowCounts().merge(one).merge(other);
    expect(merged.rows).toBe(4);
    expect(Object.fromEntries(merged.categorical.get('phase')!.counts)).toEqual({ Climb: 2, Approach: 1 });
  });

  it('merge without a feature that is broken', () => {
    const merged = new WindowCounts().merge(one, { without: new Set(['speed']) });
    expect(merged.numeric.has('speed')).toBe(false);
    expect(merged.missing.has('speed')).toBe(false);
    expect(merged.rows).toBe(3);
  });

  it('survive their JSON form', () => {
    expect(WindowCounts.from(JSON.parse(JSON.stringify(one))).toJSON()).toEqual(one.toJSON());
  });

  it('keep a bounded number of categories apart', () => {
    const counts = new WindowCounts();
    for (let i = 0; i < 6000; i++) counts.addRow([['id', `claim-${i}`]], 0.1);
    expect(counts.categorical.get('id')!.counts.size).toBe(5000);
    expect(counts.categorical.get('id')!.other).toBe(1000);
  });
});
