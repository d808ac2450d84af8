import { referenceProfile } from '@bascule/contracts';
import { describe, expect, it } from 'vitest';
import { features, inYears, readBirdstrikes } from '../../test/birdstrikes.js';
import { buildProfile, profileCategories, profileNumbers } from './build-profile.js';

const sum = (counts: number[]) => counts.reduce((total, count) => total + count, 0);

describe('buildProfile', () => {
  const claims = readBirdstrikes();
  const performance = { rowCount: 2, positiveCount: 1, measures: { auc: 1, logLoss: 0.1, brier: 0.01 } };
  const about = {
    trainedOn: { datasetName: 'learnt', datasetVersion: 'a'.repeat(64) },
    evaluatedOn: { datasetName: 'judged', datasetVersion: 'b'.repeat(64) },
    features,
    scores: Float64Array.of(0.1, 0.9),
    performance,
  };
  const profileOf = (training: typeof claims, holdout: typeof claims) =>
    referenceProfile.parse(buildProfile({ ...about, training, holdout }));

  it('fits its contract and accounts for every row of the hold-out, and for no other', () => {
    const holdout = inYears(claims, 1993, 1994);
    const profile = profileOf(inYears(claims, 1990, 1992), holdout);
    for (const feature of profile.features) {
      const present = feature.kind === 'numeric' ? sum(feature.counts) : sum(feature.categories.map(({ count }) => count));
      expect(present + feature.missing).toBe(holdout.length);
    }
    expect(sum(profile.prediction.counts)).toBe(2);
    expect(profile).toMatchObject({ featuresFrom: 'hold-out', rowCount: holdout.length, ...about.evaluatedOn });
    expect(profile.occurredFrom >= '1993-01-01').toBe(true);
  });

  it('takes the features from the training rows as well where the hold-out has fewer than a thousand, and says so', () => {
    const [training, holdout] = [inYears(claims, 1990, 1993), inYears(claims, 1994, 2001)];
    const small = profileOf(training, holdout.slice(0, 999));
    expect(small).toMatchObject({ featuresFrom: 'all-rows', rowCount: training.length + 999, ...about.trainedOn });
    expect(sum(small.prediction.counts)).toBe(2);
    expect(profileOf(training, holdout.slice(0, 1000))).toMatchObject({ featuresFrom: 'hold-out', rowCount: 1000 });
  });

  it('orders categories by how often they occur and counts empty text as missing', () => {
    expect(profileCategories('c', ['b', 'a', '', 'b'])).toEqual({
      name: 'c',
      kind: 'categorical',
      missing: 1,
      categories: [
        { value: 'b', count: 2 },
        { value: 'a', count: 1 },
      ],
    });
  });

  it('has an open bin and no quantiles when a numeric column is empty', () => {
    expect(profileNumbers('n', Float64Array.of(Number.NaN))).toMatchObject({
      missing: 1,
      edges: [],
      counts: [0],
      min: null,
      quantiles: [],
    });
  });
});
