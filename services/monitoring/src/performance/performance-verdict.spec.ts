import { normalRandom, seededRandom } from '@bascule/stats';
import { describe, expect, it } from 'vitest';
import { defaultPolicy } from '../policies/policy.js';
import { judgePerformance } from './performance-verdict.js';

const policy = defaultPolicy.performance;
const reference = { rowCount: 1500, positiveCount: 150, auc: 0.8, logLoss: 0.28, brier: 0.08 };

function rows(count: number, strength: number): [number[], number[]] {
  const random = seededRandom(17);
  const scores: number[] = [];
  const labels: number[] = [];
  for (let i = 0; i < count; i++) {
    const signal = 1.2 * normalRandom(random);
    labels.push(random() < 1 / (1 + Math.exp(2.8 - signal)) ? 1 : 0);
    scores.push(1 / (1 + Math.exp(2.8 - strength * signal - (1 - strength) * 1.2 * normalRandom(random))));
  }
  return [scores, labels];
}

describe('performance', () => {
  it('is not judged on few labels', () => {
    expect(judgePerformance([0.1, 0.9], [0, 1], reference, policy)).toMatchObject([{ verdict: 'insufficient-data' }]);
  });
  it('is steady when the window is like the hold-out', () => {
    expect(judgePerformance(...rows(1200, 1), reference, policy).map(({ verdict }) => verdict)).toEqual(['steady', 'steady', 'steady']);
  });
  it('is degraded when the answers lost their meaning, and says by how much', () => {
    const [auc] = judgePerformance(...rows(1200, 0.1), reference, policy);
    expect(auc).toMatchObject({ metric: 'auc', verdict: 'degraded' });
    expect(auc!.reasons[1]).toMatch(/^worse by 0\.\d+; sampling alone explains up to 0\.\d+/);
  });
  it('is steady where a few labels leave the difference open', () => {
    const [auc] = judgePerformance(...rows(130, 0.6), reference, policy);
    expect(auc!.verdict).not.toBe('degraded');
  });
});
