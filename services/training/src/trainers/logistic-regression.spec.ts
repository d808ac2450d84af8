import { auc } from '@bascule/stats';
import { describe, expect, it } from 'vitest';
import { features, inYears, readBirdstrikes } from '../../test/birdstrikes.js';
import { encodeRows } from './design-matrix.js';
import { fitLogisticRegression, scoreRows, sigmoid } from './logistic-regression.js';
import type { Row } from './row.js';

const claims = readBirdstrikes();
const judged = inYears(claims, 2000, 2001);
const aucOn2000 = (first: number, last: number) => {
  const model = fitLogisticRegression(features, inYears(claims, first, last), { l2: 1 });
  return auc(
    scoreRows(model, judged),
    judged.map(({ label }) => label),
  );
};

describe('fitLogisticRegression', () => {
  it('ends where the gradient of the penalised loss vanishes', () => {
    const rows = inYears(claims, 1990, 1991);
    const model = fitLogisticRegression(features, rows, { l2: 1 });
    const matrix = encodeRows(model.encoding, rows);
    const scores = scoreRows(model, rows);
    const gradient = Float64Array.from(model.weights);
    let ofIntercept = 0;
    for (const [row, score] of scores.entries()) {
      const residual = score - rows[row]!.label;
      ofIntercept += residual;
      for (let at = row * matrix.width; at < (row + 1) * matrix.width; at++) {
        if (matrix.columns[at]! >= 0) gradient[matrix.columns[at]!]! += residual * matrix.values[at]!;
      }
    }
    expect(Math.max(...gradient.map(Math.abs), Math.abs(ofIntercept)) / rows.length).toBeLessThan(1e-6);
  });

  it('finds the log odds of a group when nothing is penalised much', () => {
    const rows: Row[] = ['a', 'b'].flatMap((category, group) =>
      Array.from({ length: 100 }, (_, i) => ({ occurredAt: i, label: i < (group === 0 ? 20 : 70) ? 1 : 0, cells: [category] }) as const),
    );
    const model = fitLogisticRegression([{ name: 'group', kind: 'categorical' }], rows, { l2: 1e-6 });
    const [a, b] = scoreRows(model, [rows[0]!, rows[100]!]);
    expect(a).toBeCloseTo(0.2, 4);
    expect(b).toBeCloseTo(0.7, 4);
  });

  it('does not penalise the intercept: with a huge penalty every score is the base rate', () => {
    const rows = inYears(claims, 1990, 1991);
    const scores = scoreRows(fitLogisticRegression(features, rows, { l2: 1e6 }), rows);
    const rate = rows.reduce((sum, { label }) => sum + label, 0) / rows.length;
    expect(Math.max(...scores.map((score) => Math.abs(score - rate)))).toBeLessThan(0.001);
  });

  it('gives the same weights for the same rows', () => {
    const rows = inYears(claims, 1990, 1991);
    expect(fitLogisticRegression(features, rows, { l2: 1 }).weights).toEqual(fitLogisticRegression(features, rows, { l2: 1 }).weights);
  });

  it('reaches an AUC of 0.76 to 0.78 on 2000-2001 when trained on the first years', () => {
    expect(aucOn2000(1990, 1993)).toBeGreaterThan(0.76);
    expect(aucOn2000(1990, 1994)).toBeGreaterThan(0.76);
    expect(aucOn2000(1990, 1994)).toBeLessThan(0.78);
  });

  it('reaches about 0.80 on 2000-2001 when trained on recent years', () => {
    expect(aucOn2000(1996, 1999)).toBeCloseTo(0.8, 2);
  });
});

describe('sigmoid', () => {
  it('stays finite at both ends', () => {
    expect(sigmoid(-800)).toBe(0);
    expect(sigmoid(800)).toBe(1);
  });
});
