import { absent, readReference } from '@bascule/testing/reference-data';
import { describe, expect, it } from 'vitest';
import { mannWhitney } from './mann-whitney.js';

type Case = {
  case: string;
  experiment: number[];
  control: number[];
  expected: { conf_level: number; ci: [number, number]; estimate: number; tol: number; est_tol: number };
  R_wilcox_test: { pvalue: number };
};

const missing = absent('vectors/mannwhitney_kayenta.json');
describe.skipIf(missing)(`Kayenta's judge${missing}`, () => {
  for (const published of readReference<{ cases: Case[] }>('vectors/mannwhitney_kayenta.json', { cases: [] }).cases) {
    it(`agrees with R and Kayenta (${published.case})`, () => {
      const ours = mannWhitney(published.experiment, published.control, published.expected.conf_level);
      expect(Math.abs(ours.low - published.expected.ci[0])).toBeLessThanOrEqual(published.expected.tol);
      expect(Math.abs(ours.high - published.expected.ci[1])).toBeLessThanOrEqual(published.expected.tol);
      expect(Math.abs(ours.estimate - published.expected.estimate)).toBeLessThanOrEqual(published.expected.est_tol);
      expect(ours.pValue).toBeCloseTo(published.R_wilcox_test.pvalue, 9);
    });
  }
});

describe('Mann-Whitney', () => {
  it('finds nothing between equal samples', () => expect(mannWhitney([1, 2, 3, 4], [1, 2, 3, 4]).pValue).toBeGreaterThan(0.9));
});
