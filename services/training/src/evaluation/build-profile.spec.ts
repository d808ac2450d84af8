import { referenceProfile } from '@bascule/contracts';
import { describe, expect, it } from 'vitest';
import { features, inYears, readBirdstrikes } from '../../test/birdstrikes.js';
import { buildProfile, profileCategories, profileNumbers } from './build-profile.js';

const sum = (counts: number[]) => counts.reduce((total, count) => total + count, 0);

describe('buildProfile', () => {
  it('fits its contract and accounts for every row', () => {
    const rows = inYears(readBirdstrikes(), 1990, 1994);
    const performance = { rowCount: 2, positiveCount: 1, measures: { auc: 1, logLoss: 0.1, brier: 0.01 } };
    const profile = referenceProfile.parse(
      buildProfile({ datasetName: 'd', datasetVersion: 'a'.repeat(64), features, rows, scores: Float64Array.of(0.1, 0.9), performance }),
    );
    for (const feature of profile.features) {
      const present = feature.kind === 'numeric' ? sum(feature.counts) : sum(feature.categories.map(({ count }) => count));
      expect(present + feature.missing).toBe(rows.length);
    }
    expect(sum(profile.prediction.counts)).toBe(2);
    expect(profile.rowCount).toBe(rows.length);
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
