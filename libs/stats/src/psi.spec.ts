import { describe, expect, it } from 'vitest';
import { psi } from './psi.js';
import { psiNoise } from './psi-noise.js';
import { AliasTable, binomialRandom, seededRandom } from './random.js';

describe('PSI', () => {
  it('is 0 for equal proportions, whatever the sizes', () => expect(psi([10, 20, 30], [1, 2, 3])).toBe(0));
  it('is the sum of differences times log ratios', () =>
    expect(psi([50, 50], [80, 20])).toBeCloseTo(0.3 * Math.log(1.6) - 0.3 * Math.log(0.4), 12));
  it('counts an empty bin as the floor', () =>
    expect(psi([100, 0], [90, 10])).toBeCloseTo(-0.1 * Math.log(0.9) + 0.0999 * Math.log(1000), 12));
  it('is 0 when a side is empty', () => expect(psi([0, 0], [3, 4])).toBe(0));
  it('refuses different bins', () => expect(() => psi([1], [1, 2])).toThrow(RangeError));
});

describe('noise of PSI', () => {
  it('agrees with (1/n + 1/m)(B - 1) where bins are well filled', () => {
    const reference = new Array<number>(10).fill(200);
    const current = new Array<number>(10).fill(50);
    expect(psiNoise(reference, current).mean).toBeCloseTo((1 / 2000 + 1 / 500) * 9, 2);
  });

  it('is about 0.3 for 225 sparse categories, which the approximation gets wrong', () => {
    const reference = Array.from({ length: 225 }, (_, i) => Math.max(1, Math.round(600 / (i + 1))));
    const current = Array.from({ length: 225 }, (_, i) => Math.round(120 / (i + 1)));
    const { mean, quantile999 } = psiNoise(reference, current);
    expect(mean).toBeGreaterThan(0.1);
    expect(mean).toBeLessThan(0.9);
    expect(quantile999).toBeGreaterThan(mean);
    expect(quantile999).toBeLessThan(2 * mean);
  });

  it('is the same every time for the same seed', () => {
    const one = psiNoise([30, 30, 40], [10, 20, 30], { seed: 5 });
    psiNoise([1, 2, 3], [4, 5, 6]);
    expect(psiNoise([30, 30, 40], [10, 20, 30], { seed: 5 })).toEqual(one);
  });

  it('is nothing when a side is empty or there is one bin', () => {
    expect(psiNoise([0, 0], [3, 4])).toEqual({ mean: 0, quantile999: 0 });
    expect(psiNoise([10], [4])).toEqual({ mean: 0, quantile999: 0 });
  });

  it('holds for a large reference as for a small one drawn row by row', () => {
    const shares = [0.4, 0.3, 0.2, 0.1];
    const small = psiNoise(
      shares.map((share) => share * 60),
      shares.map((share) => share * 500),
    );
    const large = psiNoise(
      shares.map((share) => share * 70),
      shares.map((share) => share * 500),
    );
    expect(large.mean / small.mean).toBeCloseTo(1, 0);
  });
});

describe('seeded random numbers', () => {
  it('binomials have the mean and variance of their law', () => {
    const random = seededRandom(3);
    for (const [trials, probability] of [
      [100, 0.05],
      [1000, 0.3],
      [50, 0.9],
    ] as const) {
      const drawn = Array.from({ length: 4000 }, () => binomialRandom(trials, probability, random));
      const mean = drawn.reduce((a, b) => a + b) / drawn.length;
      const variance = drawn.reduce((a, b) => a + (b - mean) ** 2, 0) / drawn.length;
      expect(mean / (trials * probability)).toBeCloseTo(1, 1);
      expect(variance / (trials * probability * (1 - probability))).toBeCloseTo(1, 0);
    }
  });

  it('an alias table draws in proportion to its weights', () => {
    const random = seededRandom(9);
    const table = new AliasTable([1, 0, 3]);
    const counts = [0, 0, 0];
    for (let i = 0; i < 20_000; i++) counts[table.draw(random)]!++;
    expect(counts[1]).toBe(0);
    expect(counts[2]! / counts[0]!).toBeCloseTo(3, 0);
  });
});
