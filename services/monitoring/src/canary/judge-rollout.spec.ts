import { binomialRandom, momentsOf, noMoments, seededRandom } from '@bascule/stats';
import { describe, expect, it } from 'vitest';
import { defaultPolicy } from '../policies/policy.js';
import type { ArmMeasure, Looks, RolloutEvidence } from './canary-evidence.js';
import { judgeAbTest } from './judge-declared.js';
import { judgeRollout, standingVerdict } from './judge-rollout.js';

const policy = { ...defaultPolicy.canary, minLabelled: 0 };
const side = (predictions: number) => ({ predictions, invalid: 0, scores: noMoments, loss: noMoments });
const arm = (answered: number, failed = 0, bin = 40): ArmMeasure => {
  const latency = new Array<number>(80).fill(0);
  latency[bin] = answered;
  return { answered, failed, latency };
};
const evidence = (changes: Partial<RolloutEvidence> = {}): RolloutEvidence => ({
  step: 0,
  secondsInStep: 10,
  secondsWatched: 3600,
  strategy: { steps: [50, 100] },
  labelledOfLate: 0,
  looks: {},
  labelled: { canary: side(500), champion: side(500), championSource: 'in this step', lastLook: 0 },
  bias: { canary: noMoments, champion: noMoments },
  measures: [{ step: 0, canary: arm(500), champion: arm(500) }],
  outputs: [],
  disagreement: { rows: 0, disagreeing: 0, meanDifference: 0 },
  declared: undefined,
  ...changes,
});
const measures = (canary: ArmMeasure, champion: ArmMeasure) => ({ measures: [{ step: 0, canary, champion }] });
const judge = (changes: Partial<RolloutEvidence>, change: Partial<typeof policy> = {}) =>
  judgeRollout(evidence(changes), { ...policy, ...change });

describe('the judge of a rollout', () => {
  it('passes a version that does as the champion does, and gives every figure', () => {
    const { verdict, evidence: figures, reasons } = judge({});
    expect(verdict).toBe('pass');
    expect(figures).toMatchObject({ canaryRequests: 500, canaryFailed: 0, championRequests: 500, errorsPValue: 1 });
    expect(Object.values(figures).every(Number.isFinite)).toBe(true);
    expect(reasons.join()).toMatch(/0 of 500 canary requests failed/);
    const { findings } = judge({});
    expect(Object.fromEntries(findings.map(({ metric, status }) => [metric, status]))).toMatchObject({
      errors: 'fine',
      outputs: 'off',
      labels: 'off',
    });
    const labelled = { ...evidence().labelled, canary: { ...side(500), loss: momentsOf([0.3, 0.4]) } };
    expect(judge({ labelled }, { minLabelled: 20 }).findings.at(-1)).toMatchObject({
      metric: 'labels',
      status: 'waiting',
      reason: expect.stringMatching(/2 of 20/),
    });
  });

  it('fails a version whose requests fail more often, and spends no look twice', () => {
    const failing = measures(arm(1400, 100), arm(1480, 20));
    const first = judge(failing);
    expect(first).toMatchObject({ verdict: 'fail', looks: { errors: 7 } });
    expect(first.reasons[0]).toMatch(/100 of 1500 canary requests failed, 20 of 1500/);
    expect(judge({ ...failing, looks: first.looks }).verdict).toBe('insufficient-data');
  });

  it('fails at once, between two looks, when most requests fail', () => {
    const { verdict, reasons } = judge({ ...measures(arm(5, 15), arm(200, 0)), looks: { errors: 20 } });
    expect([verdict, reasons[0]]).toEqual(['fail', expect.stringMatching(/^critical: 15 of 20/)]);
  });

  it('compares each step with the champion of that step: a bad hour of both is nobody’s fault', () => {
    const hours = [
      { step: 0, canary: arm(90, 10), champion: arm(810, 90) },
      { step: 1, canary: arm(999, 1), champion: arm(998, 2) },
    ];
    expect(judge({ measures: hours, step: 1 }).verdict).toBe('pass');
  });

  it('fails a version that answers slowly, not one that is slower by a little', () => {
    expect(judge(measures(arm(1500, 0, 64), arm(1500, 0, 45))).reasons[0]).toMatch(/answers took/);
    expect(judge(measures(arm(1500, 0, 48), arm(1500, 0, 45))).verdict).toBe('pass');
  });

  it('fails a version whose outputs lie elsewhere, not one with the same', () => {
    const flat = new Array<number>(10).fill(150);
    const moved = [60, 80, 100, 120, 140, 160, 180, 200, 220, 240];
    expect(judge({ outputs: [{ a: moved, b: flat }] }).reasons[0]).toMatch(/^PSI 0\.\d+ between 1500 canary outputs/);
    expect(judge({ outputs: [{ a: [...flat], b: flat }] }).verdict).toBe('pass');
    // a step without a champion has nothing to compare with
    expect(judge({ outputs: [{ a: moved, b: new Array<number>(10).fill(0) }] }).verdict).toBe('pass');
  });

  it('judges the copies of a shadow when the policy says how many may differ, and tells otherwise', () => {
    const copies = { disagreement: { rows: 1500, disagreeing: 300, meanDifference: 0.2 } };
    expect(judge(copies)).toMatchObject({ verdict: 'pass', evidence: { comparedRows: 1500, disagreeingRows: 300 } });
    expect(judge(copies, { maxDisagreement: 0.1 }).verdict).toBe('fail');
    expect(judge(copies, { maxDisagreement: 0.25 }).verdict).toBe('pass');
  });

  it('fails a version whose scores are far off the labels', () => {
    const off = (gap: number) => momentsOf(Array.from({ length: 1000 }, (_, i) => gap + (i % 2 ? 0.3 : -0.3)));
    expect(judge({ bias: { canary: off(0.2), champion: off(0.01) } }).reasons[0]).toMatch(/labels are 0.200 above/);
    expect(judge({ bias: { canary: off(0.03), champion: off(0.01) } }).verdict).toBe('pass');
    expect(judge({ bias: { canary: off(0.2), champion: off(-0.2) } }).verdict).toBe('pass');
  });

  it('fails a version that does worse in the declared metric', () => {
    const share = (share: number) => momentsOf(Array.from({ length: 2000 }, (_, i) => (i % 100 < share * 100 ? 1 : 0)));
    const business = { metric: { kind: 'decision' as const, outcome: 'paid' }, better: 'higher' as const, harmless: 0.01 };
    expect(judge({ declared: { canary: share(0.2), champion: share(0.4) } }, { business }).verdict).toBe('fail');
    expect(judge({ declared: { canary: share(0.4), champion: share(0.2) } }, { business }).verdict).toBe('pass');
    expect(judge({ declared: { canary: share(0.2), champion: share(0.4) } }).verdict).toBe('pass');
  });

  it('does not take a handful of equal answers for a version that always says the same', () => {
    const scores = (count: number) => ({ ...side(count), scores: momentsOf(new Array<number>(count).fill(0.3)) });
    const varied = { ...side(500), scores: momentsOf(Array.from({ length: 500 }, (_, i) => i / 500)) };
    const labelled = (count: number) => ({ labelled: { canary: scores(count), champion: varied, championSource: '', lastLook: 0 } });
    expect(judge(labelled(3)).verdict).not.toBe('fail');
    expect(judge(labelled(30))).toMatchObject({ verdict: 'fail', reasons: [expect.stringMatching(/^all 30 canary answers are 0.300/)] });
  });

  it('waits for the requests the strategy asks for', () => {
    const { verdict, reasons } = judge({ strategy: { steps: [50, 100], minRequests: 501 } });
    expect([verdict, reasons]).toEqual(['insufficient-data', ['so far 500 of 501 requests to the version in this step']]);
  });

  it('counts the requests that its figures show, whatever rows were captured by then', () => {
    const ahead = { strategy: { steps: [50, 100], minRequests: 60 }, labelled: { ...evidence().labelled, canary: side(61) } };
    const early = judge({ ...ahead, ...measures(arm(57), arm(60)) });
    expect([early.verdict, early.reasons]).toEqual(['insufficient-data', ['so far 57 of 60 requests to the version in this step']]);
    const enough = judge({ ...ahead, ...measures(arm(60), arm(60)) });
    expect([enough.verdict, enough.reasons.join()]).toEqual(['pass', expect.stringContaining('0 of 60 canary requests')]);
  });

  describe('of a model whose policy does not say how many labels', () => {
    const unset = { minLabelled: null };
    const waiting = [expect.stringMatching(/^so far 0 of 20 labelled canary predictions/)];
    const had = (canary: number, champion: number) => {
      const loss = (count: number) => ({ ...side(500), loss: momentsOf(Array.from({ length: count }, (_, i) => 0.3 + (i % 7) / 100)) });
      return { labelled: { canary: loss(canary), champion: loss(champion), championSource: 'in this step', lastLook: 0 } };
    };

    it('waits for the first labels, and then judges by what there is', () => {
      expect(judge({ secondsInStep: 599 }, unset)).toMatchObject({ verdict: 'insufficient-data', reasons: waiting });
      const passed = judge({ secondsInStep: 600 }, unset);
      expect(passed.verdict).toBe('pass');
      expect(passed.reasons[0]).toBe('without labels: 0 labelled canary predictions and 0 of the champion in 600 s, fewer than 20 of each');
      expect(passed.findings.at(-1)).toMatchObject({ metric: 'labels', status: 'off', reason: expect.stringMatching(/^without labels/) });
      expect(judge({ secondsInStep: 30 }, { ...unset, labelsWithinSeconds: 30 }).verdict).toBe('pass');
      // other evidence is waited for as ever
      const few = judge({ secondsInStep: 700, strategy: { steps: [50, 100], minRequests: 501 } }, unset);
      expect([few.verdict, few.reasons]).toEqual(['insufficient-data', ['so far 500 of 501 requests to the version in this step']]);
      expect(judge({ secondsInStep: 700, ...measures(arm(5, 95), arm(100)) }, unset).verdict).toBe('fail');
    });

    it('waits on where labels lately came in time, but no longer than a step lasts', () => {
      const usual = { labelledOfLate: 20 };
      expect(judge({ ...usual, secondsInStep: 604_799 }, unset)).toMatchObject({ verdict: 'insufficient-data', reasons: waiting });
      expect(judge({ ...usual, secondsInStep: 604_800 }, unset)).toMatchObject({
        verdict: 'pass',
        reasons: [expect.stringMatching(/^without labels: .* in 604800 s/), expect.anything(), expect.anything()],
      });
    });

    it('is judged on labels once there are enough of both versions', () => {
      expect(judge({ ...had(19, 20), secondsInStep: 10 }, unset).verdict).toBe('insufficient-data');
      const judged = judge({ ...had(20, 20), secondsInStep: 700 }, unset);
      expect(judged.verdict).toBe('pass');
      expect(judged.reasons.join()).toMatch(/mean log loss .* on 20 labelled/);
      expect(judged.reasons.join()).not.toMatch(/without labels/);
    });

    it('does not take labels for late that came while the judge was away', () => {
      expect([0, 59, 60].map((secondsWatched) => judge({ secondsInStep: 700, secondsWatched }, unset).verdict)).toEqual([
        'insufficient-data',
        'insufficient-data',
        'pass',
      ]);
    });

    it('waits as before, and fails, where the policy says how many', () => {
      expect(judge({ secondsInStep: 604_799 }, { minLabelled: 20 })).toMatchObject({ verdict: 'insufficient-data', reasons: waiting });
      expect(judge({ secondsInStep: 604_800 }, { minLabelled: 20 }).verdict).toBe('fail');
    });
  });

  it('takes evidence that stays short for what strategy and policy say', () => {
    const short = { strategy: { steps: [100], minRequests: 1000, insufficientAfterSeconds: 60 }, secondsInStep: 59 };
    expect(judge(short).verdict).toBe('insufficient-data');
    expect(judge({ ...short, secondsInStep: 60 })).toMatchObject({
      verdict: 'fail',
      reasons: [expect.stringMatching(/short for 60 s/), expect.anything()],
    });
    expect(judge({ ...short, secondsInStep: 60, strategy: { ...short.strategy, onInsufficient: 'pass' } }).verdict).toBe('pass');
    expect(judge({ strategy: { steps: [100], minRequests: 1000 }, secondsInStep: 90 }, { insufficientAfterSeconds: 80 }).verdict).toBe(
      'fail',
    );
  });

  it('does not take for short what it has only not heard of: after a start, or while NATS is away', () => {
    const late = { strategy: { steps: [100], minRequests: 1000, insufficientAfterSeconds: 600 }, secondsInStep: 900 };
    expect([0, 59, 60].map((secondsWatched) => judge({ ...late, secondsWatched }).verdict)).toEqual([
      'insufficient-data',
      'insufficient-data',
      'fail',
    ]);
    const brief = { strategy: { steps: [100], minRequests: 1000, insufficientAfterSeconds: 3 }, secondsInStep: 90 };
    expect([2, 3].map((secondsWatched) => judge({ ...brief, secondsWatched }).verdict)).toEqual(['insufficient-data', 'fail']);
  });

  it('takes back a pass by harm only, not because evidence is short again', () => {
    const short = judge({ strategy: { steps: [100], minRequests: 1000, insufficientAfterSeconds: 60 }, secondsInStep: 60 });
    const harmful = judge(measures(arm(5, 95), arm(100)));
    expect([short.verdict, harmful.verdict]).toEqual(['fail', 'fail']);
    expect(['pass' as const, 'insufficient-data' as const, null].map((before) => standingVerdict(before, short))).toEqual([
      'pass',
      'fail',
      'fail',
    ]);
    expect(standingVerdict('pass', harmful)).toBe('fail');
    const test = { metric: { kind: 'label' as const }, better: 'higher' as const, minimumEffect: 0.05, alpha: 0.05, maxPerVersion: 500 };
    const cases = (share: number) => momentsOf(Array.from({ length: 2000 }, (_, i) => (i % 100 < share * 100 ? 1 : 0)));
    const tested = (canary: number) =>
      judge({ strategy: { kind: 'ab-test', steps: [50, 100], test }, declared: { canary: cases(canary), champion: cases(0.3) } });
    expect(standingVerdict('pass', tested(0.3))).toBe('pass');
    expect(standingVerdict('pass', tested(0.2))).toBe('fail');
  });

  it('does not compare the latency of copies that a champion without a share answered behind everything live', () => {
    const alone = { step: 1, canary: arm(1500, 0, 64), champion: { answered: 150, failed: 0, latency: [] } };
    const { verdict, evidence: figures } = judge({ measures: [{ step: 0, canary: arm(500), champion: arm(500) }, alone], step: 1 });
    expect([verdict, figures['championRequests'], figures['canaryLatencyMedianMs']]).toEqual([
      'pass',
      650,
      figures['championLatencyMedianMs'],
    ]);
  });

  it('takes back a good version in less than alpha of rollouts, however often it looks', () => {
    const random = seededRandom(8);
    let wrong = 0;
    const rollouts = 400;
    for (let rollout = 0; rollout < rollouts; rollout++) {
      let looks: Looks = {};
      let [a, b] = [0, 0];
      for (let requests = 100; requests <= 4000; requests += 100) {
        a += binomialRandom(100, 0.02, random);
        b += binomialRandom(100, 0.02, random);
        const verdict = judge({ ...measures(arm(requests - a, a), arm(requests - b, b)), looks });
        looks = verdict.looks;
        if (verdict.verdict === 'fail') {
          wrong++;
          break;
        }
      }
    }
    expect(wrong / rollouts).toBeLessThanOrEqual(policy.alpha);
    // sixteen thousand looks
  });
});

describe('an A/B test', () => {
  const test = { metric: { kind: 'label' as const }, better: 'higher' as const, minimumEffect: 0.05, alpha: 0.05, maxPerVersion: 5000 };
  const cases = (share: number, count: number) => momentsOf(Array.from({ length: count }, (_, i) => (i % 100 < share * 100 ? 1 : 0)));
  const outcome = (canary: number, champion: number, count: number, change = {}) =>
    judgeAbTest({ canary: cases(canary, count), champion: cases(champion, count) }, { ...test, ...change }).outcome;

  it('goes on while the interval tells nothing', () => {
    expect(outcome(0.3, 0.3, 100)).toBe('open');
    expect(outcome(1, 0, 1)).toBe('open');
    expect(judgeAbTest({ canary: noMoments, champion: noMoments }, test).outcome).toBe('open');
  });
  it('is won, and lost, when the interval leaves zero', () => {
    expect(outcome(0.4, 0.3, 2000)).toBe('better');
    expect(outcome(0.3, 0.4, 2000)).toBe('worse');
    expect(outcome(0.3, 0.4, 2000, { better: 'lower' })).toBe('better');
  });
  it('ends without an uplift worth having, and when there were cases enough', () => {
    expect(outcome(0.3, 0.3, 4900)).toBe('no-uplift');
    expect(outcome(0.3, 0.3, 500, { maxPerVersion: 500 })).toBe('no-uplift');
  });
  it('completes or takes back the rollout', () => {
    const strategy = { kind: 'ab-test' as const, steps: [50, 100], test };
    const sides = (canary: number, champion: number, count = 2000) => ({
      declared: { canary: cases(canary, count), champion: cases(champion, count) },
    });
    expect(judge({ strategy, ...sides(0.4, 0.3) })).toMatchObject({ verdict: 'pass', evidence: { uplift: expect.closeTo(0.1, 9) } });
    expect(judge({ strategy, ...sides(0.3, 0.4) }).verdict).toBe('fail');
    expect(judge({ strategy, ...sides(0.3, 0.3, 100) }).verdict).toBe('insufficient-data');
    // neither is better: that is no harm
    expect(judge({ strategy, ...sides(0.3, 0.3, 4900) })).toMatchObject({ verdict: 'no-winner', isHarm: false });
    const open = (change: object) => judge({ strategy: { ...strategy, ...change }, ...sides(0.3, 0.3, 100), secondsInStep: 1e9 });
    expect(open({}).verdict).toBe('insufficient-data');
    expect(open({ insufficientAfterSeconds: 60 })).toMatchObject({
      verdict: 'no-winner',
      reasons: [/counts as no winner/, /goes on/].map((text) => expect.stringMatching(text)),
    });
    expect(open({ insufficientAfterSeconds: 60, onInsufficient: 'fail' }).verdict).toBe('fail');
    // harm ends it whatever the metric says
    expect(judge({ strategy, ...sides(0.4, 0.3), ...measures(arm(5, 95), arm(100)) }).verdict).toBe('fail');
  });
});
