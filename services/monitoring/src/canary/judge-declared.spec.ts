import { momentsOf, noMoments } from '@bascule/stats';
import { expect, it } from 'vitest';
import { judgeAbTest } from './judge-declared.js';

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
