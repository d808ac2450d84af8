import { absent, readReference } from '@bascule/testing/reference-data';
import { describe, expect, it } from 'vitest';
import { chiSquareGoodnessOfFit } from './chi-square.js';
import { fisherExact } from './fisher-exact.js';
import { jensenShannon, lInfinity } from './jensen-shannon.js';
import { kolmogorovSmirnov } from './kolmogorov-smirnov.js';
import { wasserstein } from './wasserstein.js';

type Vector = { id: string; method: string; expected: number & { statistic: number; pvalue: number }; tol: number } & Record<
  string,
  never[] & number[]
>;

function tally(reference: readonly unknown[], current: readonly unknown[]): [number[], number[]] {
  const categories = [...new Set([...reference, ...current])];
  const count = (values: readonly unknown[]) => categories.map((category) => values.filter((value) => value === category).length);
  return [count(reference), count(current)];
}

const methods: Record<string, (vector: Vector) => [number, number][]> = {
  chi2_goodness_of_fit_pvalue: (v) => [[chiSquareGoodnessOfFit(...tally(v.reference!, v.current!)).pValue, v.expected]],
  fisher_exact_pvalue: (v) => {
    const [reference, current] = tally(v.reference!, v.current!);
    return [
      [
        fisherExact([
          [reference[0]!, reference[1] ?? 0],
          [current[0]!, current[1] ?? 0],
        ]),
        v.expected,
      ],
    ];
  },
  l_infinity: (v) => [[lInfinity(...tally(v.reference!, v.current!)), v.expected]],
  ks_2samp_two_sided_auto: (v) => {
    const answer = kolmogorovSmirnov(v.reference!, v.current!);
    return [
      [answer.statistic, v.expected.statistic],
      [answer.pValue, v.expected.pvalue],
    ];
  },
  wasserstein_weighted: (v) => [[wasserstein(v.u!, v.v!, v.u_weights ?? undefined, v.v_weights ?? undefined), v.expected]],
  jensenshannon_distance: (v) => [[jensenShannon(v.p!, v.q!, { base: (v.base as unknown as number) ?? Math.E }), v.expected]],
};

const missing = absent('vectors/two_sample_stats.json');
describe.skipIf(missing)(`two-sample figures of scipy, Evidently and NannyML${missing}`, () => {
  for (const vector of readReference<{ vectors: Vector[] }>('vectors/two_sample_stats.json', { vectors: [] }).vectors) {
    it(`${vector.method} answers as published (${vector.id})`, () => {
      for (const [ours, published] of methods[vector.method]!(vector)) {
        expect(Math.abs(ours - published)).toBeLessThanOrEqual(vector.tol * 1.001);
      }
    });
  }
});
