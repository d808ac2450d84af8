import { describe, expect, it } from 'vitest';
import { fisherExact } from './fisher-exact.js';
import { mannWhitney } from './mann-whitney.js';
import { normalTail } from './normal.js';
import { psiExcess } from './psi-excess.js';
import { binomialRandom, normalRandom, seededRandom } from './random.js';
import { alphaOfLook, alwaysValidInterval, binomialTail, lookNumber } from './sequential.js';
import { stratifiedLarger } from './stratified-ranks.js';
import { stratifiedMoreFrequent } from './stratified-rates.js';

const rates = (a: [number, number], b: [number, number]) => ({
  a: { events: a[0], trials: a[1] },
  b: { events: b[0], trials: b[1] },
});

describe('looks', () => {
  it('come at halves of the planned evidence and at doublings after it', () => {
    const seen = [0, 1, 23, 24, 375, 1499, 1500, 2999, 3000, 5999, 6000, 1e6].map((evidence) => lookNumber(evidence, 3000));
    expect(seen).toEqual([0, 0, 0, 1, 5, 6, 7, 7, 8, 8, 9, 16]);
  });

  it('spend alpha and no more, most of it when the planned evidence is there', () => {
    const spent = Array.from({ length: 5000 }, (_, look) => alphaOfLook(look, 0.01));
    expect(spent.reduce((sum, one) => sum + one)).toBeLessThanOrEqual(0.01 + 1e-12);
    expect(spent.reduce((sum, one) => sum + one)).toBeGreaterThan(0.0099);
    expect(Math.max(...spent)).toBe(alphaOfLook(8, 0.01));
  });
});

describe('more frequent events', () => {
  it('in one stratum are those of Fisher', () => {
    // where one tail holds every table as unlikely, the one-sided and the two-sided test are the same
    expect(stratifiedMoreFrequent([rates([5, 10], [0, 200])])).toBeCloseTo(fisherExact([[5, 5], [0, 200]]), 12); // biome-ignore format: a table
    expect(stratifiedMoreFrequent([rates([3, 3], [0, 3])])).toBeCloseTo(1 / 20, 12);
  });

  it('are not invented by strata whose rates differ', () => {
    // all events in a stretch in which arm a had nearly all trials: put together, a would look worse
    const strata = [rates([90, 900], [10, 100]), rates([1, 100], [9, 900])];
    expect(stratifiedMoreFrequent(strata)).toBeGreaterThan(0.3);
    expect(stratifiedMoreFrequent([rates([91, 1000], [19, 1000])])).toBeLessThan(1e-9);
  });

  it('say nothing where an arm was not asked or nothing happened', () => {
    expect(stratifiedMoreFrequent([rates([5, 10], [0, 0]), rates([0, 10], [0, 10])])).toBe(1);
  });

  it('have nearly the same chance where it is computed and where it is approximated', () => {
    const [n, p] = [40_000, 0.0249];
    const few = stratifiedMoreFrequent([rates([Math.round(n * p) + 45, n], [Math.round(n * p) - 45, n])]);
    const more = stratifiedMoreFrequent([rates([Math.round(n * p) + 55, n], [Math.round(n * p) - 45, n])]);
    expect(more).toBeLessThan(few);
    expect(Math.log(few / more)).toBeLessThan(1);
  });
});

describe('larger values', () => {
  it('are those of Mann and Whitney, one bin one tie', () => {
    const a = [0, 1, 4, 6, 9, 12, 8];
    const b = [2, 5, 7, 8, 4, 3, 1];
    const spread = (counts: number[]) => counts.flatMap((count, bin) => Array.from({ length: count }, () => bin));
    // ours has no continuity correction: 0.5 of several hundred
    expect(stratifiedLarger([{ a, b }])).toBeCloseTo(mannWhitney(spread(a), spread(b)).pValue / 2, 4);
  });

  it('may lie a few bins higher and count as alike', () => {
    const b = Array.from({ length: 40 }, (_, bin) => (bin > 9 && bin < 20 ? 50 : 0));
    const a = Array.from({ length: 40 }, (_, bin) => (bin > 11 && bin < 22 ? 50 : 0));
    expect(stratifiedLarger([{ a, b }])).toBeLessThan(1e-9);
    expect(stratifiedLarger([{ a, b }], 2)).toBeCloseTo(0.5, 9);
  });
});

describe('a PSI above a tolerance', () => {
  const draw = (random: () => number, shift: number, count: number) => {
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < count; i++) counts[Math.min(9, Math.max(0, Math.floor(5 + (normalRandom(random) + shift) * 2)))]!++;
    return counts;
  };

  it('is told apart from noise', () => {
    const random = seededRandom(3);
    let [alike, moved] = [0, 0];
    for (let i = 0; i < 400; i++) {
      if (psiExcess(draw(random, 0, 300), draw(random, 0, 300), 0.02).pValue < 0.01) alike++;
      if (psiExcess(draw(random, 0.5, 1000), draw(random, 0, 1000), 0.02).pValue < 0.01) moved++;
    }
    expect(alike).toBeLessThanOrEqual(4);
    expect(moved).toBeGreaterThan(380);
  });

  it('is nothing where there is nothing', () => expect(psiExcess([0, 0], [5, 5], 0.1).pValue).toBe(1));
});

describe('an interval that is always valid', () => {
  it('holds the truth at every look together', () => {
    const random = seededRandom(11);
    let missed = 0;
    for (let test = 0; test < 300; test++) {
      let [a, b, n] = [0, 0, 0];
      for (let look = 0; look < 60; look++) {
        a += binomialRandom(100, 0.3, random);
        b += binomialRandom(100, 0.3, random);
        n += 100;
        const variance = (a / n) * (1 - a / n) * (1 / n) + (b / n) * (1 - b / n) * (1 / n);
        const { low, high } = alwaysValidInterval({ estimate: (a - b) / n, variance }, 0.03, 0.05);
        if (low > 0 || high < 0) {
          missed++;
          break;
        }
      }
    }
    expect(missed / 300).toBeLessThanOrEqual(0.05);
  });
});

describe('a binomial tail', () => {
  it('is exact for small numbers and normal for large ones', () => {
    expect(binomialTail(2, 3, 0.5)).toBeCloseTo(0.5, 12);
    expect(binomialTail(3, 3, 0.1)).toBeCloseTo(0.001, 12);
    expect(binomialTail(50_500, 100_000, 0.5)).toBeCloseTo(normalTail(499.5 / Math.sqrt(25_000)), 6);
    expect(binomialTail(0, 10, 0.2)).toBe(1);
  });
});
