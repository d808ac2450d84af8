import type { ReferenceProfile } from '@bascule/contracts';
import { describe, expect, it } from 'vitest';
import { defaultPolicy } from '../policies/policy.js';
import { windowAt } from '../windows/window.js';
import { WindowCounts } from '../windows/window-counts.js';
import type { EarlierVerdict, StoredVerdict } from './drift.queries.js';
import { answers, changeOf, judgeWindow } from './window-drift.js';

const speed = { name: 'speed', kind: 'numeric' as const, missing: 0, edges: [100], counts: [500, 500], min: 0, max: 200, quantiles: [] };
const profile = {
  features: [speed],
  prediction: { ...speed, name: 'damaged', edges: [0.5], counts: [900, 100] },
} as unknown as ReferenceProfile;
const countsOf = (speeds: number[]) => {
  const counts = new WindowCounts();
  for (const value of speeds) counts.addRow([['speed', value]], 0.1);
  return counts;
};
const slow = countsOf(new Array(200).fill(50));
const usual = countsOf(Array.from({ length: 200 }, (_, i) => (i % 2 ? 50 : 150)));
const year = windowAt('year', new Date('2001-06-01'));
const january = { month: '2001-01-01', counts: slow };
const february = { month: '2001-02-01', counts: usual };
const fault = { month: '2001-01-01', feature: 'speed', fault: 'scale-changed', reasons: ['too slow'] };
const judge = (months: (typeof january)[], faults: (typeof fault)[]) =>
  judgeWindow(profile, { window: year, months, faults, earlier: [] }, defaultPolicy.drift).find(({ feature }) => feature === 'speed')!;

describe('a window', () => {
  it('is judged on all its months', () => expect(judge([january, february], []).verdict).toBe('drifted'));

  it('is judged without the months in which a feature was broken, and says so', () => {
    const verdict = judge([january, february], [fault]);
    expect(verdict).toMatchObject({ verdict: 'stable', currentCount: 200 });
    expect(verdict.reasons.at(-1)).toBe('2001-01 is left out: scale-changed');
  });

  it('does not judge a feature that was broken all the time', () => {
    expect(judge([january], [fault])).toMatchObject({
      verdict: 'broken',
      reasons: ['broken (scale-changed), so not judged for drift', 'too slow'],
    });
  });

  it('reports how the answers moved', () => {
    const verdicts = judgeWindow(profile, { window: year, months: [february], faults: [], earlier: [] }, defaultPolicy.drift);
    expect(verdicts.map(({ feature }) => feature)).toEqual(['speed', answers]);
  });
});

describe('news about a window', () => {
  const verdict = (feature: string, verdict: StoredVerdict['verdict']) => ({ feature, verdict }) as StoredVerdict;
  const earlier = (feature: string, verdict: string, from: string): EarlierVerdict => ({
    feature,
    verdict,
    exceeds: false,
    window_from: new Date(from),
  });

  it('is drift that it had not been told of', () => {
    expect(changeOf([verdict('speed', 'drifted')], [], year).detected).toHaveLength(1);
    expect(changeOf([verdict('speed', 'drifted')], [earlier('speed', 'drifted', '2000-01-01')], year).detected).toHaveLength(1);
  });
  it('is not the same verdict on a few more rows', () => {
    expect(changeOf([verdict('speed', 'drifted')], [earlier('speed', 'drifted', '2001-01-01')], year)).toEqual({
      detected: [],
      cleared: [],
    });
  });
  it('is a feature that came back', () => {
    expect(changeOf([verdict('speed', 'stable')], [earlier('speed', 'drifted', '2000-01-01')], year).cleared).toEqual(['speed']);
    expect(changeOf([verdict('speed', 'broken')], [earlier('speed', 'drifted', '2000-01-01')], year).cleared).toEqual([]);
  });
  it('is not a move of the answers alone', () => expect(changeOf([verdict(answers, 'drifted')], [], year).detected).toEqual([]));
});
