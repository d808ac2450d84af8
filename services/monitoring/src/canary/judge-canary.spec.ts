import { logLossOf, momentsOf, noMoments, normalRandom, seededRandom } from '@bascule/stats';
import { describe, expect, it } from 'vitest';
import { defaultPolicy } from '../policies/policy.js';
import { type CanaryEvidence, judgeCanary, type SideEvidence } from './judge-canary.js';

const policy = { ...defaultPolicy.canary, minLabelled: 20 };
const random = seededRandom(5);

/** A version that knows each record's chance of damage up to some confusion. */
function side(labelled: number, confusion: 'none' | 'inverted' = 'none', predictions = labelled * 2): SideEvidence {
  const losses: number[] = [];
  const scores: number[] = [];
  for (let i = 0; i < predictions; i++) {
    const chance = 1 / (1 + Math.exp(2.2 - normalRandom(random)));
    const score = confusion === 'none' ? chance : 1 - chance;
    scores.push(score);
    if (i < labelled) losses.push(logLossOf(score, random() < chance ? 1 : 0));
  }
  return { predictions, invalid: 0, scores: momentsOf(scores), loss: momentsOf(losses) };
}
const judge = (canary: SideEvidence, champion: SideEvidence, rest: Partial<CanaryEvidence> = {}) =>
  judgeCanary({ canary, champion, championSource: 'this step', lastLook: 0, ...rest }, policy);

describe('a canary', () => {
  it('is not judged before there are enough labels', () => {
    expect(judge(side(9), side(100))).toMatchObject({
      verdict: 'insufficient-data',
      reasons: ['so far 9 of 20 labelled canary predictions'],
    });
    expect(judge(side(30), side(3))).toMatchObject({ verdict: 'insufficient-data', look: 3 });
  });

  it('that is as good as the champion passes, with its evidence', () => {
    const verdict = judge(side(400), side(400));
    expect(verdict.verdict).toBe('pass');
    expect(verdict.evidence).toMatchObject({ canaryLabelled: 400, championLabelled: 400 });
  });

  it('that learnt the opposite fails, before it has the minimum of labels', () => {
    const verdict = judge(side(10, 'inverted'), side(100));
    expect(verdict.verdict).toBe('fail');
    expect(verdict.reasons[1]).toMatch(/^harm: one-sided p .* below .* for look 1$/);
  });

  it("is not taken for harmful because a handful of the champion's losses happen to be small", () => {
    const handful = (count: number) => ({ ...side(100), loss: momentsOf(Array.from({ length: count }, (_, i) => 0.05 + 0.001 * i)) });
    expect([3, 5, 8].map((count) => judge(side(400), handful(count)).verdict)).not.toContain('fail');
  });

  it('is not tested twice at one look', () => {
    const [canary, champion] = [side(10, 'inverted'), side(100)];
    expect(judge(canary, champion, { lastLook: 1 }).verdict).toBe('insufficient-data');
  });

  it('under suspicion waits for more labels', () => {
    const losses = (mean: number) => momentsOf(Array.from({ length: 40 }, (_, i) => mean + 0.4 * Math.sin(i * 2.4)));
    const verdict = judge({ ...side(40), loss: losses(0.56) }, { ...side(40), loss: losses(0.4) }, { lastLook: 3 });
    expect(verdict.verdict).toBe('insufficient-data');
    expect(verdict.reasons[1]).toMatch(/suspected/);
  });

  it('that answers no probability fails without labels', () => {
    const canary = { ...side(0, 'none', 30), invalid: 5, loss: noMoments };
    expect(judge(canary, side(50))).toMatchObject({ verdict: 'fail', reasons: ['5 of 30 canary answers are no usable probability'] });
  });

  it('that always answers the same fails without labels', () => {
    const canary = { predictions: 30, invalid: 0, scores: momentsOf(new Array(30).fill(0.2)), loss: noMoments };
    expect(judge(canary, side(50)).verdict).toBe('fail');
  });

  it('that does no harm fails in less than alpha of rollouts, however often one looks', () => {
    let failed = 0;
    for (let rollout = 0; rollout < 300; rollout++) {
      const champion = side(150);
      const all: number[] = [];
      let lastLook = 0;
      for (let label = 0; label < 150; label++) {
        all.push(...sideLosses(1));
        const verdict = judgeCanary({ canary: { ...champion, loss: momentsOf(all) }, champion, championSource: '', lastLook }, policy);
        lastLook = verdict.look;
        if (verdict.verdict === 'fail') {
          failed++;
          break;
        }
      }
    }
    expect(failed / 300).toBeLessThanOrEqual(policy.alpha);
  });
});

function sideLosses(count: number): number[] {
  return Array.from({ length: count }, () => {
    const chance = 1 / (1 + Math.exp(2.2 - normalRandom(random)));
    return logLossOf(chance, random() < chance ? 1 : 0);
  });
}
