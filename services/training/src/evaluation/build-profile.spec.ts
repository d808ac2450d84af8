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

  it('tells how good the answers of several classes, or numbers, were on the hold-out, with their errors', () => {
    const holdout = inYears(claims, 1994, 1994).slice(0, 60);
    const speed = features.findIndex(({ name }) => name === 'speed_knots');
    const known = holdout.filter(({ cells }) => !Number.isNaN(cells[speed]));
    const numbers = known.map((row) => ({ ...row, label: Number(row.cells[speed]) }));
    const flat = new Float64Array(known.length).fill(140);
    const mae = numbers.reduce((total, { label }) => total + Math.abs(label - 140), 0) / numbers.length;
    const regressing = { ...about, training: [], scores: flat };
    const profile = buildProfile({ ...regressing, holdout: numbers, target: { task: 'regression', classes: [] } });
    expect(profile.quality).toMatchObject({ task: 'regression', rowCount: numbers.length });
    expect(profile.quality!.measures['mae']!.value).toBeCloseTo(mae, 9);
    const classes = holdout.map((row, at) => ({ ...row, label: at % 3 }));
    const scores = Float64Array.from(classes.flatMap(() => [0.5, 0.3, 0.2]));
    const several = buildProfile({
      ...about,
      training: [],
      holdout: classes,
      scores,
      target: { task: 'multiclass', classes: ['a', 'b', 'c'] },
    });
    expect(several.quality).toMatchObject({ task: 'multiclass', rowCount: classes.length, classCount: 3 });
    expect(several.quality!.measures['accuracy']!.value).toBeCloseTo(1 / 3, 9);
    expect(referenceProfile.parse(several).quality).toEqual(several.quality);
    expect(profileOf([], holdout).quality).toBeUndefined();
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
