import { describe, expect, it } from 'vitest';
import { motorFeatures as features, motorClaimsAbsent, readMotorClaims } from '../../test/motor-claims.js';
import { evaluateChampion } from '../evaluation/evaluate-champion.js';
import { evaluateScores } from '../evaluation/performance.js';
import { fit, scoreFitted } from './fit.js';
import type { Job } from './job.schema.js';
import type { Row } from './row.js';

const jobOf = (trainer: string, params: Job['params']) =>
  ({
    modelName: 'motor',
    datasetVersion: 'd',
    trainer,
    params,
    features,
    label: { column: 'windscreen', positive: [1] },
    split: {},
  }) as unknown as Job;

// from 2003 to the first half of 2004 the labels do not drift: a model of more of the same is no better
describe.skipIf(motorClaimsAbsent)(`champions of motor claims${motorClaimsAbsent}`, () => {
  const claims = readMotorClaims();
  const before = (date: string) => claims.filter(({ occurredAt }) => occurredAt < Date.parse(date));
  const holdout = claims.filter(({ occurredAt }) => occurredAt >= Date.parse('2004-01-01'));
  const learn = async (trainer: string, training: readonly Row[], params: Job['params'] = {}, judged = holdout) => {
    const job = jobOf(trainer, params);
    return scoreFitted(job, await fit(job, training), judged);
  };
  const compare = async (challenger: Awaited<ReturnType<typeof learn>>, champion: Awaited<ReturnType<typeof learn>>, judged = holdout) => {
    const comparison = await evaluateChampion(
      { version: 1, artifact: champion.artifact, inputs: features, tells: { task: 'binary', classes: undefined } },
      features,
      judged,
      challenger.scores,
    );
    return 'paired' in comparison ? comparison.paired : comparison.note;
  };

  it('a challenger that saw two more months is no different', async () => {
    const [champion, challenger] = [
      await learn('logistic-regression', before('2003-11-01')),
      await learn('logistic-regression', before('2004-01-01')),
    ];
    expect(await compare(challenger, champion)).toMatchObject({ verdict: 'no-difference', rowCount: holdout.length });
  });

  it('neither is one that learnt from nine tenths of the same rows, and whoever comes first', async () => {
    const year = before('2004-01-01');
    const most = year.filter((_, at) => at % 10 !== 0);
    const [one, other] = [await learn('logistic-regression', year), await learn('logistic-regression', most)];
    expect(await compare(one, other)).toMatchObject({ verdict: 'no-difference' });
    expect(await compare(other, one)).toMatchObject({ verdict: 'no-difference' });
  });

  it('one that learnt nothing is worse, and one that learnt something is better', async () => {
    const [nothing, something] = [
      await learn('prior', before('2004-01-01')),
      await learn('gradient-boosting', before('2004-01-01'), { trees: 60 }),
    ];
    expect(await compare(nothing, something)).toMatchObject({ verdict: 'worse' });
    expect(await compare(something, nothing)).toMatchObject({ verdict: 'better' });
  });

  it('a week of claims is too little data to tell', async () => {
    const week = holdout.slice(0, 90);
    const [nothing, something] = [
      await learn('prior', before('2004-01-01'), {}, week),
      await learn('gradient-boosting', before('2004-01-01'), { trees: 60 }, week),
    ];
    expect(await compare(something, nothing, week)).toMatchObject({ verdict: 'too-little-data' });
  });

  it('boosted trees rank the next half year with an AUC of more than 0.75', async () => {
    const { scores } = await learn('gradient-boosting', before('2004-01-01'), { trees: 100, validationFraction: 0 });
    expect(
      evaluateScores(
        scores,
        holdout.map(({ label }) => label),
      ).measures['auc'],
    ).toBeGreaterThan(0.75);
  });
});
