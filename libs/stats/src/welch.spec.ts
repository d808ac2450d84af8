import { describe, expect, it } from 'vitest';
import { chiSquareTail, normalCdf, normalQuantile, studentTail } from './normal.js';
import { mergeMoments, momentsOf, welchTest } from './welch.js';

describe('Welch', () => {
  const a = [27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4];
  const b = [27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 30.2, 24.4];

  it('agrees with the figures computed by hand from means and variances', () => {
    const test = welchTest(momentsOf(a), momentsOf(b));
    expect(test.t).toBeCloseTo(-2.860742240922125, 9);
    expect(test.degreesOfFreedom).toBeCloseTo(27.80082506632139, 9);
    expect(test.pTwoSided).toBeCloseTo(0.00793, 4);
    expect(test.pGreater).toBeCloseTo(1 - test.pTwoSided / 2, 9);
  });

  it('says nothing about fewer than two values', () => expect(welchTest(momentsOf([9]), momentsOf(b)).pGreater).toBe(1));
  it('is certain about constants that differ', () => expect(welchTest(momentsOf([2, 2]), momentsOf([1, 1])).pGreater).toBe(0));

  it('moments merge to those of the whole', () => {
    const merged = mergeMoments(momentsOf(a), momentsOf(b));
    const whole = momentsOf([...a, ...b]);
    expect(merged.mean).toBeCloseTo(whole.mean, 12);
    expect(merged.squares).toBeCloseTo(whole.squares, 9);
  });
});

describe('distributions', () => {
  it('normal', () => {
    expect(normalCdf(1.959963984540054)).toBeCloseTo(0.975, 12);
    expect(normalQuantile(0.999)).toBeCloseTo(3.090232306167813, 10);
    expect(normalCdf(-8)).toBeCloseTo(6.22e-16, 17);
  });
  it("Student's", () => expect(studentTail(2.2281388519649385, 10)).toBeCloseTo(0.025, 10));
  it('chi-square', () => expect(chiSquareTail(3.841458820694124, 1)).toBeCloseTo(0.05, 10));
});
