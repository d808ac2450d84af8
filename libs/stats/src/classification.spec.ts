import { absent, readReference } from '@bascule/testing/reference-data';
import { describe, expect, it } from 'vitest';
import { aucInterval, hanleyMcNeilError } from './auc-interval.js';
import { auc, brier, logLoss } from './classification.js';
import { seededRandom } from './random.js';

const missing = absent('vectors/performance_metrics.json');
describe.skipIf(missing)(`scikit-learn's figures${missing}`, () => {
  type Small = { y_true: number[]; score: number[]; roc_auc: number; log_loss: number; brier: number };
  const small = readReference<{ binary_small: Small }>('vectors/performance_metrics.json', {
    binary_small: { y_true: [], score: [], roc_auc: 0, log_loss: 0, brier: 0 },
  }).binary_small;

  it('AUC counts ties half', () => expect(auc(small.score, small.y_true)).toBeCloseTo(small.roc_auc, 12));
  it('log loss is the mean of the natural logarithms', () => expect(logLoss(small.score, small.y_true)).toBeCloseTo(small.log_loss, 12));
  it('Brier is the mean squared error', () => expect(brier(small.score, small.y_true)).toBeCloseTo(small.brier, 12));
});

describe('AUC', () => {
  it('is 1 when every positive scores above every negative', () => expect(auc([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1])).toBe(1));
  it('is the share of pairs that are in order, equal ones counting half', () => {
    const random = seededRandom(3);
    for (let round = 0; round < 200; round++) {
      const scores = Array.from({ length: 1 + Math.floor(random() * 30) }, () => Math.floor(random() * 8) - 3);
      const labels = scores.map(() => Number(random() < 0.5));
      const sideOf = (label: number) => scores.filter((_, at) => labels[at] === label);
      const pairs = sideOf(1).flatMap((high) => sideOf(0).map((low) => (high > low ? 1 : high === low ? 0.5 : 0)));
      if (pairs.length > 0) expect(auc(scores, labels)).toBeCloseTo(pairs.reduce((sum: number, one) => sum + one, 0) / pairs.length, 12);
    }
  });
  it('is not a number when a class is absent', () => expect(auc([0.1, 0.2], [1, 1])).toBeNaN());
});

describe('interval of the AUC', () => {
  const random = seededRandom(7);
  const labels = Array.from({ length: 600 }, () => (random() < 0.3 ? 1 : 0));
  const scores = labels.map((label) => random() + 0.4 * label);
  const interval = aucInterval(scores, labels);

  it('holds the AUC in its middle', () => {
    expect(interval.auc).toBeCloseTo(auc(scores, labels), 12);
    expect(interval.low).toBeLessThan(interval.auc);
    expect(interval.high).toBeGreaterThan(interval.auc);
  });

  it('is about as wide as the formula from class counts says', () => {
    const positives = labels.filter((label) => label === 1).length;
    expect(interval.standardError / hanleyMcNeilError(interval.auc, positives, labels.length - positives)).toBeCloseTo(1, 0);
  });

  it('covers the truth about 95 times in 100', () => {
    // P(a uniform on [0.4, 1.4] exceeds a uniform on [0, 1])
    const truth = 1 - 0.6 ** 2 / 2;
    let covered = 0;
    for (let trial = 0; trial < 200; trial++) {
      const someLabels = Array.from({ length: 150 }, () => (random() < 0.4 ? 1 : 0));
      const { low, high } = aucInterval(
        someLabels.map((label) => random() + 0.4 * label),
        someLabels,
      );
      if (low <= truth && truth <= high) covered++;
    }
    expect(covered).toBeGreaterThan(180);
  });
});

describe('log loss', () => {
  it('stays finite for a certain answer that was wrong', () => expect(logLoss([0, 1], [1, 0])).toBeLessThan(40));
});
