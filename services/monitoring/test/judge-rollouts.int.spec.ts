import {
  decisionRecorded,
  groundTruthReceived,
  type RolloutMeasure,
  type RolloutStrategy,
  rolloutAdvanced,
  rolloutStarted,
} from '@bascule/contracts';
import { newId } from '@bascule/platform';
import { Role } from '@bascule/proto';
import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Shot, shot } from './blocks.js';
import { clientOf, type Monitoring, startMonitoring } from './start-monitoring.js';

const waitMs = { timeoutMs: 30_000 };

describe('the judge of rollouts', () => {
  let monitoring: Monitoring;
  let api: ReturnType<typeof clientOf>;

  beforeAll(async () => {
    monitoring = await startMonitoring();
    const service = await monitoring.start();
    const operator = await monitoring.key(['operator']);
    api = clientOf(service.url, operator);
    await eventually(async () => (await api.get('alerts')).status === 200, waitMs);
    for (const model of ['counted', 'shifted', 'shaded', 'tested', 'labelled', 'short', 'alone', 'unheard'])
      await api.put(`models/${model}/policy`, {
        canary: { minLabelled: 0, minPredictions: 20, maxDisagreement: model === 'shaded' ? 0.1 : null },
      });
  });
  afterAll(async () => monitoring?.stop());

  /** A rollout of version 2 that has just begun. */
  async function begin(modelName: string, strategy: RolloutStrategy) {
    const rollout = {
      rolloutId: newId(),
      promotionId: newId(),
      modelName,
      environment: 'production' as const,
      version: 2,
      artifactDigest: 'b'.repeat(64),
      championVersion: 1,
    };
    await monitoring.publish(rolloutStarted, { ...rollout, step: 0, percent: strategy.steps[0] ?? 100, strategy });
    await eventually(
      async () =>
        (await monitoring.query('select 1 from monitoring.rollout_steps where rollout_id = $1', [rollout.rolloutId])).length === 1,
      waitMs,
    );
    return rollout;
  }

  const measured = (
    rolloutId: string,
    modelName: string,
    arms: [version: number, step: number, answered: number, failed: number][],
  ): RolloutMeasure => ({
    rolloutId,
    gatewayId: newId(),
    producer: newId(),
    modelName,
    at: new Date().toISOString(),
    arms: arms.map(([version, step, answered, failed]) => ({ version, step, answered, failed, latency: [0, 0, 0, answered] })),
  });
  const answers = (
    model: string,
    rolloutId: string,
    version: number,
    scores: readonly number[],
    more: (index: number) => Partial<Shot> = () => ({}),
  ) =>
    scores.map((score, index) =>
      shot({
        model,
        version,
        rolloutId,
        score,
        role: version === 1 ? Role.CHAMPION : Role.CHALLENGER,
        clientRecordId: newId(),
        ...more(index),
      }),
    );
  const spread = (count: number, low: number, high: number) =>
    Array.from({ length: count }, (_, i) => low + ((high - low) * (i % 97)) / 97);
  const verdict = (rolloutId: string, wanted: string) =>
    eventually(() => {
      const found = monitoring
        .events('monitoring.canary.judged.v1')
        .map(
          ({ data }) =>
            data as unknown as { rolloutId: string; verdict: string; reasons: string[]; step: number; evidence: Record<string, number> },
        )
        .findLast((data) => data.rolloutId === rolloutId);
      return found?.verdict === wanted && found;
    }, waitMs);

  it('adds up what all gateways counted, by step, and fails a version whose requests fail', async () => {
    const rollout = await begin('counted', { steps: [50, 100] });
    // two gateways; each alone shows too little
    await monitoring.measure(measured(rollout.rolloutId, 'counted', [[1, 0, 60, 0], [2, 0, 50, 4]])); // biome-ignore format: a table
    await monitoring.measure(measured(rollout.rolloutId, 'counted', [[1, 0, 60, 0], [2, 0, 50, 4]])); // biome-ignore format: a table
    const passed = await verdict(rollout.rolloutId, 'insufficient-data');
    expect(passed.reasons[0]).toMatch(/suspected|so far/);
    await monitoring.measure(measured(rollout.rolloutId, 'counted', [[1, 0, 300, 0], [2, 0, 200, 90]])); // biome-ignore format: a table
    const failed = await verdict(rollout.rolloutId, 'fail');
    expect(failed.reasons[0]).toMatch(/98 of 398 canary requests failed, 0 of 420/);
    expect(failed.evidence).toMatchObject({ canaryRequests: 398, canaryFailed: 98, championRequests: 420 });
    const { body } = await api.get(`rollouts/${rollout.rolloutId}/comparison`);
    expect(body).toMatchObject({ modelName: 'counted', version: 2, championVersion: 1, outcome: null });
    expect(body.latency).toEqual({ canary: [0, 0, 0, 300], champion: [0, 0, 0, 420] });
    await eventually(async () => expect((await api.get(`rollouts/${rollout.rolloutId}/comparison`)).body.series.length).toBeGreaterThan(0));
    const errors = body.judge.findings.find(({ metric }: { metric: string }) => metric === 'errors');
    expect(errors).toMatchObject({ status: 'harm', reason: expect.stringMatching(/98 of 398/), figures: { canaryFailed: 98 } });
  });

  it('fails a version whose outputs moved, and shows both distributions', async () => {
    const rollout = await begin('shifted', { steps: [50, 100] });
    await monitoring.publishBlock(answers('shifted', rollout.rolloutId, 1, spread(240, 0.1, 0.5)));
    await monitoring.publishBlock(answers('shifted', rollout.rolloutId, 2, spread(240, 0.4, 0.8)));
    const failed = await verdict(rollout.rolloutId, 'fail');
    expect(failed.reasons[0]).toMatch(/^PSI \d/);
    const { outputs } = (await api.get(`rollouts/${rollout.rolloutId}/comparison`)).body;
    const sum = (counts: number[]) => counts.reduce((all, count) => all + count, 0);
    expect([sum(outputs.canary), sum(outputs.champion)]).toEqual([240, 240]);
    expect(outputs.canary[0]).toBeLessThan(outputs.champion[0]);
  });

  it('compares the copies of a shadow with the answers they are copies of', async () => {
    const rollout = await begin('shaded', { kind: 'shadow', steps: [100] });
    const champion = answers('shaded', rollout.rolloutId, 1, spread(250, 0.1, 0.45));
    await monitoring.publishBlock(champion);
    const copies = answers(
      'shaded',
      rollout.rolloutId,
      2,
      champion.map(({ score }, i) => (i % 2 ? score : score + 0.5)),
      (i) => ({
        role: Role.SHADOW,
        shadowOf: champion[i]!.id,
      }),
    );
    await monitoring.publishBlock(copies);
    const failed = await verdict(rollout.rolloutId, 'fail');
    expect(failed.evidence).toMatchObject({ comparedRows: 250, disagreeingRows: 125 });
  });

  it('compares a version that answers everything with the champion on copies of the same requests', async () => {
    const rollout = await begin('alone', { kind: 'blue-green', steps: [100] });
    const shots = answers('alone', rollout.rolloutId, 2, spread(260, 0.4, 0.8));
    await monitoring.publishBlock(shots);
    const copied = shots.filter((_, i) => i % 2 === 0);
    const copies = answers('alone', rollout.rolloutId, 1, spread(copied.length, 0.1, 0.5), (i) => ({
      ...{ role: Role.SHADOW, shadowOf: copied[i]!.id },
    }));
    await monitoring.publishBlock(copies);
    const failed = await verdict(rollout.rolloutId, 'fail');
    expect(failed.reasons.join()).toMatch(/PSI \d/);
    expect(failed.evidence).toMatchObject({ canaryOutputs: 260, championOutputs: 130, comparedRows: 130 });
  });

  it('does not call evidence short while NATS is away', async () => {
    // on a busy machine the judge rests longer between two looks
    const patience = { timeoutMs: 80_000 };
    const rollout = await begin('unheard', { steps: [50, 100], minRequests: 30, insufficientAfterSeconds: 3 });
    await monitoring.nats.kill();
    const [row] = await eventually(async () => {
      const rows = await monitoring.query<{ verdict: string | null }>(
        `select s.verdict from monitoring.rollout_steps s join monitoring.rollout_snapshots n using (rollout_id)
         where rollout_id = $1 and n.at > s.started_at + interval '6 seconds'`,
        [rollout.rolloutId],
      );
      return rows.length > 0 && rows;
    }, patience);
    expect(row!.verdict).toBe('insufficient-data');
    await monitoring.nats.restart();
    await eventually(() => monitoring.measure(measured(rollout.rolloutId, 'unheard', [[2, 0, 40, 0]])), patience); // biome-ignore format: a table
  });

  it('ends an A/B test by the metric that was declared', async () => {
    const test = {
      metric: { kind: 'decision' as const, outcome: 'paid' },
      better: 'higher' as const,
      minimumEffect: 0.2,
      alpha: 0.05,
      maxPerVersion: 1000,
    };
    const rollout = await begin('tested', { kind: 'ab-test', steps: [50, 100], test });
    const shots = [
      ...answers('tested', rollout.rolloutId, 1, spread(120, 0.2, 0.4)),
      ...answers('tested', rollout.rolloutId, 2, spread(120, 0.2, 0.4)),
    ];
    // what was refused is asked about again and again, and is one case all the same; the other version answers some of it after the decision
    const asked = shots.filter(({ version }, i) => version === 1 && i % 10 >= 3);
    const again = [1, 1, 2].flatMap((version) =>
      answers('tested', rollout.rolloutId, version, spread(asked.length, 0.2, 0.4), (i) => ({
        clientRecordId: asked[i]!.clientRecordId,
        ...(version === 2 ? { occurredAt: '1996-02-01T00:00:00Z' } : {}),
      })),
    );
    await monitoring.publishBlock([...shots, ...again]);
    expect((await verdict(rollout.rolloutId, 'insufficient-data')).reasons[0]).toMatch(/^the test goes on/);
    await monitoring.publish(decisionRecorded, {
      submissionId: newId(),
      modelName: 'tested',
      keyId: 'testkey',
      items: shots.map(({ clientRecordId, version }, i) => ({
        clientRecordId,
        outcome: (version === 2 ? i % 10 < 8 : i % 10 < 3) ? 'paid' : 'refused',
        ruleVersion: '1',
        decidedAt: '1996-01-01T00:00:00Z',
      })),
    });
    const won = await verdict(rollout.rolloutId, 'pass');
    expect(won.evidence).toMatchObject({ canaryMetricCases: 120, championMetricCases: 120, uplift: expect.closeTo(0.5, 9) });
  });

  it('ends an A/B test by labels, which count each record once', async () => {
    const test = { metric: { kind: 'label' as const }, better: 'lower' as const, minimumEffect: 0.2, alpha: 0.05, maxPerVersion: 1000 };
    const rollout = await begin('labelled', { kind: 'ab-test', steps: [50, 100], test });
    const scores = spread(120, 0.2, 0.4);
    const shots = [1, 2].flatMap((version) => answers('labelled', rollout.rolloutId, version, scores));
    // what will go wrong under the version is asked about twice more, and once by the champion when its truth is known
    const again = [2, 2, 1].flatMap((version, at) =>
      shots
        .filter((_, i) => i >= 120 && i % 10 < 2)
        .map(({ clientRecordId }) => ({ clientRecordId, ...(at === 2 ? { occurredAt: '1996-02-01T00:00:00Z' } : {}) }))
        .flatMap((more) => answers('labelled', rollout.rolloutId, version, [0.3], () => more)),
    );
    await monitoring.publishBlock([...shots, ...again]);
    expect((await verdict(rollout.rolloutId, 'insufficient-data')).reasons[0]).toMatch(/^the test goes on/);
    await monitoring.publish(groundTruthReceived, {
      submissionId: newId(),
      modelName: 'labelled',
      keyId: 'testkey',
      items: shots.map(({ clientRecordId, version }, i) => ({
        clientRecordId,
        label: Number(version === 2 ? i % 10 < 2 : i % 10 < 7),
        occurredAt: '1996-01-01T00:00:00Z',
        source: 'settlement',
      })),
    });
    const won = await verdict(rollout.rolloutId, 'pass');
    expect(won.evidence).toMatchObject({ canaryMetricCases: 120, championMetricCases: 120, uplift: expect.closeTo(0.5, 9) });
  });

  it('takes evidence that stays short for a failure when the strategy says so, and judges each step anew', async () => {
    const rollout = await begin('short', { steps: [50, 100], minRequests: 30, insufficientAfterSeconds: 6 });
    await monitoring.measure(measured(rollout.rolloutId, 'short', [[1, 0, 100, 0], [2, 0, 40, 0]])); // biome-ignore format: a table
    await verdict(rollout.rolloutId, 'pass');
    await monitoring.publish(rolloutAdvanced, { ...rollout, step: 1, percent: 100, reasons: [] });
    const failed = await verdict(rollout.rolloutId, 'fail');
    expect([failed.step, failed.reasons]).toEqual([
      1,
      ['evidence was short for 6 s, which counts as a failure', expect.stringMatching(/^so far 0 of 30/)],
    ]);
  });
});
