import { ClassQuality, NumberQuality, normalRandom, seededRandom } from '@bascule/stats';
import { describe, expect, it } from 'vitest';
import { birdstrikes, type Claim } from '../../test/birdstrikes.js';
import { defaultPolicy } from '../policies/policy.js';
import { judgeQuality } from './quality-verdict.js';

const policy = defaultPolicy.performance;
const claims = birdstrikes();
const inYear = (year: number) => claims.filter(({ date }) => date.startsWith(String(year)));
const sizes = ['Small', 'Medium', 'Large'];

/** Sizes by phase of flight, as the years before say: a model of three classes. */
function sizeModel(rows: readonly Claim[]) {
  const counts = new Map<string, number[]>();
  for (const { phase_of_flight: phase, wildlife_size: size } of rows) {
    const of = counts.get(phase) ?? [1, 1, 1];
    if (sizes.includes(size)) of[sizes.indexOf(size)]!++;
    counts.set(phase, of);
  }
  return ({ phase_of_flight: phase }: Claim) => {
    const of = counts.get(phase) ?? [1, 1, 1];
    const sum = of.reduce((a, b) => a + b, 0);
    return of.map((count) => count / sum);
  };
}

/** Mean speed by phase of flight: a model of numbers. */
function speedModel(rows: readonly Claim[]) {
  const sums = new Map<string, [number, number]>();
  for (const { phase_of_flight: phase, speed } of rows) {
    if (speed === '') continue;
    const [sum, count] = sums.get(phase) ?? [0, 0];
    sums.set(phase, [sum + Number(speed), count + 1]);
  }
  return ({ phase_of_flight: phase }: Claim) => {
    const [sum, count] = sums.get(phase) ?? [140, 1];
    return sum / count;
  };
}

describe.skipIf(claims.length === 0)('performance on real claims (skipped where vega-datasets is not installed)', () => {
  const learnt = claims.filter(({ date }) => date < '1993');
  const sizeOf = sizeModel(learnt);
  const speedOf = speedModel(learnt);
  const classesIn = (year: number, answer = sizeOf) => {
    const quality = new ClassQuality(3);
    for (const claim of inYear(year)) quality.add(answer(claim), sizes.indexOf(claim.wildlife_size));
    return { rowCount: quality.rowCount, measures: quality.measures() };
  };
  const numbersIn = (year: number, factor = 1) => {
    const quality = new NumberQuality();
    for (const claim of inYear(year)) if (claim.speed !== '') quality.add(speedOf(claim), Number(claim.speed) * factor);
    return { rowCount: quality.rowCount, measures: quality.measures() };
  };
  const classes = { task: 'multiclass' as const, classCount: 3, ...classesIn(1994) };
  const numbers = { task: 'regression' as const, ...numbersIn(1994) };

  it('of several classes is steady in a year like the hold-out', () => {
    expect(judgeQuality(classesIn(1995), classes, policy).map(({ metric, verdict }) => [metric, verdict])).toEqual([
      ['accuracy', 'steady'],
      ['f1Macro', 'steady'],
      ['logLoss', 'steady'],
    ]);
  });

  it('of several classes is degraded when the answers name the wrong ones, and says by how much', () => {
    const turned = (claim: Claim) => [...sizeOf(claim)].reverse();
    const [accuracy, , logLoss] = judgeQuality(classesIn(1995, turned), classes, policy);
    expect([accuracy!.verdict, logLoss!.verdict]).toEqual(['degraded', 'degraded']);
    expect(accuracy!.reasons[0]).toMatch(/^accuracy 0\.\d+ on \d+ labelled predictions, 0\.\d+ on the hold-out$/);
    expect(accuracy!.reasons[1]).toMatch(/^worse by 0\.\d+; sampling alone explains up to 0\.\d+, and 0\.030 would not matter$/);
  });

  it('of numbers is steady in a year like the hold-out, and degraded when the truth is in another unit', () => {
    expect(judgeQuality(numbersIn(1995), numbers, policy).map(({ metric, verdict }) => [metric, verdict])).toEqual([
      ['mae', 'steady'],
      ['rmse', 'steady'],
    ]);
    expect(judgeQuality(numbersIn(1995, 1.852), numbers, policy).map(({ verdict }) => verdict)).toEqual(['degraded', 'degraded']);
  });

  it('is left open by few labels, and by a policy that minds less', () => {
    expect(judgeQuality({ rowCount: 99, measures: {} }, classes, policy)).toMatchObject([
      { metric: 'accuracy', verdict: 'insufficient-data', reasons: ['99 labelled predictions: at least 100 are needed'] },
    ]);
    const patient = judgeQuality(numbersIn(1995, 1.852), numbers, { ...policy, minErrorGain: 50 });
    expect(patient.map(({ verdict }) => verdict)).toEqual(['steady', 'steady']);
  });
});

it('performance of numbers is reported without cause about as often as the policy allows', () => {
  const random = seededRandom(5);
  const sample = (count: number) => {
    const quality = new NumberQuality();
    for (let row = 0; row < count; row++) quality.add(10 * normalRandom(random), 0);
    return { rowCount: count, measures: quality.measures() };
  };
  const strict = { ...policy, minErrorGain: 0, falseReportChance: 0.05 };
  let reported = 0;
  for (let trial = 0; trial < 2000; trial++) {
    const [mae] = judgeQuality(sample(200), { task: 'regression', ...sample(300) }, strict);
    if (mae!.verdict === 'degraded') reported++;
  }
  expect(reported / 2000).toBeGreaterThan(0.03);
  expect(reported / 2000).toBeLessThan(0.075);
});
