import type { NumericProfile } from '@bascule/contracts';
import { describe, expect, it } from 'vitest';
import { birdstrikes, countsOf, profileOf } from '../../test/birdstrikes.js';
import { defaultPolicy } from '../policies/policy.js';
import { WindowCounts } from '../windows/window-counts.js';
import { findFault } from './broken-feature.js';

const policy = defaultPolicy.brokenFeature;
const speeds: NumericProfile = {
  name: 'speed',
  kind: 'numeric',
  missing: 10,
  edges: [100, 120, 140, 160],
  counts: [200, 200, 200, 200, 200],
  min: 60,
  max: 220,
  quantiles: [80, 110, 130, 150, 180],
};
const phases = {
  name: 'phase',
  kind: 'categorical' as const,
  missing: 0,
  categories: [
    { value: 'Climb', count: 600 },
    { value: 'Approach', count: 400 },
  ],
};
const windowOf = (feature: string, cells: (number | string | undefined)[]) => {
  const counts = new WindowCounts();
  for (const cell of cells) counts.addRow([[feature, cell]], 0.1);
  return counts;
};
const usual = Array.from({ length: 60 }, (_, i) => 70 + i * 2);

describe('a broken feature', () => {
  it('is not seen in values like the reference', () => expect(findFault(speeds, windowOf('speed', usual), policy)).toBeUndefined());
  it('is not decided on too few values', () => expect(findFault(speeds, windowOf('speed', [1, 1, 1, undefined]), policy)).toBeUndefined());

  it('of another unit is named with its factor', () => {
    const fault = findFault(
      speeds,
      windowOf(
        'speed',
        usual.map((knots) => knots * 1.852),
      ),
      policy,
    );
    expect(fault).toMatchObject({ fault: 'scale-changed', factor: 1.852 });
    expect(fault!.reasons.join('; ')).toMatch(/knots to km\/h/);
  });

  it('is not a shift by an amount, which changes the shape', () => {
    expect(
      findFault(
        speeds,
        windowOf(
          'speed',
          usual.map((knots) => knots + 200),
        ),
        policy,
      ),
    ).toBeUndefined();
  });

  it('is missing when its share of missing values jumps', () => {
    expect(
      findFault(
        speeds,
        windowOf(
          'speed',
          usual.map((knots, i) => (i % 4 ? undefined : knots)),
        ),
        policy,
      ),
    ).toMatchObject({ fault: 'missing' });
  });

  it('is constant when the reference was not', () => {
    expect(findFault(speeds, windowOf('speed', new Array(40).fill(0)), policy)).toMatchObject({ fault: 'constant' });
    expect(findFault(phases, windowOf('phase', new Array(40).fill('Climb')), policy)).toMatchObject({ fault: 'constant' });
  });

  it('has other codes when nearly nothing is known', () => {
    const fault = findFault(
      phases,
      windowOf(
        'phase',
        Array.from({ length: 40 }, (_, i) => (i % 2 ? 'CLB' : 'APR')),
      ),
      policy,
    );
    expect(fault).toMatchObject({ fault: 'unknown-categories' });
    expect(fault!.reasons[0]).toContain('100 % of 40 values');
  });

  it.each(['\0nul', `${'x'.repeat(39)}😀`])('says why in words that PostgreSQL takes, whatever a client sent: %j', (odd) => {
    for (const cells of [new Array(40).fill(odd), Array.from({ length: 40 }, (_, i) => `${odd}${i}`)]) {
      const reasons = JSON.stringify(findFault(phases, windowOf('phase', cells), policy)!.reasons);
      expect(reasons).not.toMatch(/(?<!\\)(\\\\)*\\u(0000|d[89a-f])/);
    }
  });
});

const claims = birdstrikes();
describe.skipIf(claims.length === 0)('faults in real claims (skipped where vega-datasets is not installed)', () => {
  const profiles = [
    ['1990-1994', profileOf(claims.filter((claim) => claim.date < '1995'))],
    ['1996-2001', profileOf(claims.filter((claim) => claim.date >= '1996' && claim.date < '2002'))],
  ] as const;
  const months = [...new Set(claims.filter((claim) => claim.date >= '1998').map((claim) => claim.date.slice(0, 7)))];

  it.each(profiles)('are not seen in any month as it was, against %s', (_, profile) => {
    for (const month of months) {
      const counts = countsOf(claims.filter((claim) => claim.date.startsWith(month)));
      for (const feature of profile) expect(findFault(feature, counts, policy), `${feature.name} in ${month}`).toBeUndefined();
    }
  });

  it.each(profiles)('speeds in km/h are told apart as a change of unit, against %s', (_, profile) => {
    const told = months.map((month) => {
      const counts = countsOf(
        claims.filter((claim) => claim.date.startsWith(month)),
        1.852,
      );
      if (counts.numeric.get('speed')!.count < policy.minCount) return undefined;
      return findFault(profile.find(({ name }) => name === 'speed')!, counts, policy)?.fault === 'scale-changed';
    });
    const judged = told.filter((answer) => answer !== undefined);
    expect(judged.filter((answer) => answer).length / judged.length).toBeGreaterThan(0.9);
  });

  it.each([
    ['January', '2002-01', '2002-02'],
    ['February', '2002-02', '2002-03'],
    ['April', '2002-04', '2002-05'],
  ])('speeds in whole km/h in %s 2002 are called knots taken for km/h', (_, from, to) => {
    const counts = countsOf(
      claims.filter((claim) => claim.date >= from && claim.date < to),
      1.852,
    );
    const fault = findFault(profiles[0][1].find(({ name }) => name === 'speed')!, counts, policy);
    expect(fault).toMatchObject({ fault: 'scale-changed', factor: 1.852 });
    expect(fault!.reasons.at(-1)).toBe('1.85 is the factor of knots to km/h');
  });
});
