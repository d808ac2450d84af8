import { describe, expect, it } from 'vitest';
import { birdstrikes, countsOf, profileOf } from '../../test/birdstrikes.js';
import { defaultPolicy } from '../policies/policy.js';
import { confirmDrift, decideDrift } from './drift-verdict.js';
import { featureBins } from './feature-bins.js';

const policy = defaultPolicy.drift;
const bins = (reference: number[], current: number[]) => ({
  reference,
  current,
  referenceCount: reference.reduce((a, b) => a + b),
  currentCount: current.reduce((a, b) => a + b),
});

describe('drift verdict', () => {
  it('is withheld below the minimum count', () => {
    const verdict = decideDrift('speed', bins([500, 500], [20, 5]), policy);
    expect(verdict).toMatchObject({
      verdict: 'insufficient-data',
      reasons: ['25 current and 1000 reference values: at least 30 of each are needed'],
    });
  });

  it('is stable for a difference that sampling explains, even above the customary 0.1', () => {
    const verdict = decideDrift('speed', bins(new Array(10).fill(500), [6, 2, 5, 4, 3, 7, 4, 5, 2, 4]), policy);
    expect(verdict.score).toBeGreaterThan(0.1);
    expect(verdict.verdict).toBe('stable');
  });

  it('is stable for a difference that is sure but small', () => {
    expect(decideDrift('speed', bins([50_000, 50_000], [54_000, 46_000]), policy)).toMatchObject({ verdict: 'stable' });
  });

  it('is drifted for a difference that is sure and large, and says why in numbers', () => {
    const verdict = decideDrift('speed', bins([500, 500], [800, 200]), policy);
    expect(verdict.verdict).toBe('drifted');
    expect(verdict.reasons[0]).toBe('PSI 0.42 of 1000 values against 1000: 0.41 above the noise (limit 0.10)');
  });
});

const claims = birdstrikes();
describe.skipIf(claims.length === 0)('damage claims against 1990-1994 (skipped where vega-datasets is not installed)', () => {
  const profile = profileOf(claims.filter((claim) => claim.date < '1995'));
  const verdicts = (prefix: string) => {
    const counts = countsOf(claims.filter((claim) => claim.date.startsWith(prefix)));
    return Object.fromEntries(profile.map((feature) => [feature.name, decideDrift(feature.name, featureBins(feature, counts), policy)]));
  };
  const quiet = ['phase_of_flight', 'time_of_day', 'wildlife_size'];
  const years = ['1995', '1996', '1997', '1998', '1999', '2000', '2001', '2002'];

  it.each(years)('three features are quiet and two drift in %s', (year) => {
    const found = verdicts(year);
    for (const name of quiet) {
      expect(found[name]!.score).toBeLessThan(0.06);
      expect(found[name]!.verdict).toBe('stable');
    }
    expect(found['aircraft']!.verdict).toBe('drifted');
    expect(found['operator']!.verdict).toBe('drifted');
  });

  it('operators go from 0.3 to 1.0 and aircraft from 0.9 to 2.7', () => {
    const [first, last] = [verdicts('1995'), verdicts('2002')];
    expect(first['operator']!.score).toBeCloseTo(0.3, 1);
    expect(last['operator']!.score).toBeCloseTo(1, 1);
    expect(first['aircraft']!.score).toBeCloseTo(0.9, 1);
    expect(last['aircraft']!.score).toBeCloseTo(2.7, 1);
    expect(first['aircraft']!.expectedNoise).toBeGreaterThan(0.2);
    expect(first['aircraft']!.expectedNoise).toBeLessThan(0.5);
  });

  it('no month raises an alarm on the quiet features, whatever the season', () => {
    const exceeded = new Map<string, boolean[]>();
    for (const month of [...new Set(claims.filter((claim) => claim.date >= '1995').map((claim) => claim.date.slice(0, 7)))]) {
      const found = verdicts(month);
      for (const name of quiet) {
        const before = exceeded.get(name) ?? [];
        const confirmed = confirmDrift(found[name]!, before, policy.monthsInRow);
        expect(confirmed.verdict, `${name} in ${month}: ${confirmed.reasons[0]}`).not.toBe('drifted');
        if (found[name]!.verdict !== 'insufficient-data') exceeded.set(name, [found[name]!.exceeds, ...before]);
      }
    }
  });
});

describe('confirmation', () => {
  const exceeding = decideDrift('speed', bins([500, 500], [800, 200]), policy);
  it('makes a shift of one month no drift, and says so', () => {
    expect(confirmDrift(exceeding, [false, true, true], 3)).toMatchObject({ verdict: 'stable', exceeds: true });
    expect(confirmDrift(exceeding, [], 3).reasons.at(-1)).toBe('window 1 in a row beyond the noise: drift is called after 3');
  });
  it('calls the third month in a row drift', () => expect(confirmDrift(exceeding, [true, true], 3).verdict).toBe('drifted'));
  it('needs no company for a year', () => expect(confirmDrift(exceeding, [false], 1).verdict).toBe('drifted'));
});
