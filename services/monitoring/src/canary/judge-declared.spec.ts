import { momentsOf, noMoments } from '@bascule/stats';
import { expect, it } from 'vitest';
import { judgeAbTest, metricLevel } from './judge-declared.js';

const test = { metric: { kind: 'label' as const }, better: 'higher' as const, minimumEffect: 0.05, alpha: 0.05, maxPerVersion: 500 };

it('an A/B test without cases says so, and names no endless interval before there are enough', () => {
  const cases = momentsOf(Array.from({ length: 50 }, (_, i) => i % 2));
  expect(judgeAbTest({ canary: noMoments, champion: noMoments }, test)).toMatchObject({
    outcome: 'open',
    reason: 'the test goes on: no cases yet',
  });
  expect(judgeAbTest({ canary: momentsOf([1]), champion: cases }, test).reason).toBe(
    'the test goes on: too few cases for an uplift: 1 cases against 50',
  );
  expect(judgeAbTest({ canary: cases, champion: cases }, test).reason).toMatch(/^the test goes on: uplift 0\.0000 \(-\d/);
});

it('a version of an A/B test has a level with its interval, which narrows as cases come', () => {
  const cases = (count: number) => momentsOf(Array.from({ length: count }, (_, i) => i % 2));
  expect(metricLevel(noMoments, test)).toBeUndefined();
  expect(metricLevel(momentsOf([1]), test)).toEqual({ metricCases: 1, metricMean: 1 });
  const [few, many] = [metricLevel(cases(40), test)!, metricLevel(cases(4_000), test)!];
  expect(few).toMatchObject({ metricCases: 40, metricMean: 0.5 });
  expect(few.metricLow!).toBeLessThan(many.metricLow!);
  expect(few.metricHigh!).toBeGreaterThan(many.metricHigh!);
  expect(many.metricLow!).toBeLessThan(0.5);
});
