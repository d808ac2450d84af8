import {
  groundTruthReceived,
  type LabelSelection,
  rolloutAdvanced,
  rolloutCompleted,
  rolloutRolledBack,
  rolloutStarted,
} from '@bascule/contracts';
import { newId } from '@bascule/platform';
import { Role } from '@bascule/proto';
import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { birdstrikes, type Claim, referenceProfile } from './birdstrikes.js';
import { type Shot, shot } from './blocks.js';
import { clientOf, type Monitoring, startMonitoring } from './start-monitoring.js';

const waitMs = { timeoutMs: 40_000 };
const claims = birdstrikes();
const model = 'claims-triage';
const scoreOf = (claim: Claim) => 0.02 + (0.3 * (Number(claim.speed || 100) % 7)) / 7;

function shotOf(claim: Claim, i: number, speedFactor = 1): Shot {
  const { speed, date, ...features } = claim;
  return shot({
    features: { ...features, speed: speed === '' ? null : Math.round(Number(speed) * speedFactor) },
    score: scoreOf(claim),
    occurredAt: `${date}T12:00:00Z`,
    clientRecordId: `claim-${date}-${i}`,
  });
}

describe.skipIf(claims.length === 0)('verdicts on real claims (skipped where vega-datasets is not installed)', () => {
  let monitoring: Monitoring;
  let api: ReturnType<typeof clientOf>;

  beforeAll(async () => {
    monitoring = await startMonitoring();
    const { url } = await monitoring.start();
    await monitoring.start();
    api = clientOf(url, await monitoring.key(['operator', 'scientist']));
    await monitoring.register(model, 1, referenceProfile(scoreOf));
    await eventually(async () => (await api.get('alerts')).status === 200, waitMs);
  });
  afterAll(() => monitoring.stop());

  const replay = async (from: string, to: string, speedFactor = 1) => {
    const shots = claims.filter((claim) => claim.date >= from && claim.date < to).map((claim, i) => shotOf(claim, i, speedFactor));
    for (let start = 0; start < shots.length; start += 250) await monitoring.publishBlock(shots.slice(start, start + 250));
    return shots;
  };
  // biome-ignore lint/suspicious/noExplicitAny: JSON of the API
  const reports = async (grain: string): Promise<any[]> => (await api.get(`models/${model}/drift?grain=${grain}&limit=200`)).body.items;
  const featureOf = (report: { features: { feature: string; verdict: string; score: number }[] }, name: string) =>
    report.features.find(({ feature }) => feature === name)!;

  it('a year is judged when the watermark has passed its end, once, on the features that moved', async () => {
    await replay('1995-01-01', '1996-01-01');
    await eventually(async () => (await reports('month')).length === 11, waitMs);
    expect(await reports('year')).toEqual([]);
    await replay('1996-01-01', '1996-01-08');
    const [year] = await eventually(async () => {
      const found = await reports('year');
      return found.length === 1 && found;
    }, waitMs);
    for (const quiet of ['phase_of_flight', 'time_of_day', 'wildlife_size']) {
      expect(featureOf(year, quiet).score).toBeLessThan(0.06);
      expect(featureOf(year, quiet).verdict).toBe('stable');
      for (const month of await reports('month')) expect(featureOf(month, quiet).verdict).not.toBe('drifted');
    }
    const ofYear = await eventually(() => {
      const events = monitoring.events('monitoring.drift.detected.v1').filter(({ data: { window } }) => {
        const { from, to } = window as { from: string; to: string };
        return from.startsWith('1995-01-01T') && to.startsWith('1996-01-01T');
      });
      return events.length > 0 && events;
    }, waitMs);
    expect(ofYear).toHaveLength(1);
    expect((ofYear[0]!.data['features'] as { feature: string }[]).map(({ feature }) => feature).toSorted()).toEqual([
      'aircraft',
      'operator',
    ]);
    await eventually(async () => {
      const alerts = (await api.get('alerts?status=open')).body.items;
      expect(alerts.map((alert: { rule: string }) => alert.rule)).toContain('feature-drift');
    }, waitMs);
  });

  it('speeds in km/h are reported within the open month as a broken feature, once, and not as drift', async () => {
    await replay('2002-04-01', '2002-05-01', 1.852);
    const [broken] = await eventually(async () => {
      const { items } = (await api.get(`models/${model}/broken-features`)).body;
      return items.length > 0 && items;
    }, waitMs);
    expect(broken).toMatchObject({ feature: 'speed', fault: 'scale-changed', factor: 1.852, window: { from: '2002-04-01T00:00:00.000Z' } });
    await replay('2002-05-01', '2002-05-03');
    const april = await eventually(
      async () => (await reports('month')).find((report) => report.window.from.startsWith('2002-04')) ?? false,
      waitMs,
    );
    expect(featureOf(april, 'speed').verdict).toBe('broken');
    const events = await eventually(() => {
      const found = monitoring.events('monitoring.feature.broken.v1');
      return found.length > 0 && found;
    });
    expect(events).toHaveLength(1);
    const drifted = monitoring.events('monitoring.drift.detected.v1').flatMap(({ data }) => data['features'] as { feature: string }[]);
    expect(drifted.some(({ feature }) => feature === 'speed')).toBe(false);
  });

  it('labels of an ended year show how the model did, and late ones are judged again', async () => {
    const shots = claims.filter((claim) => claim.date >= '1995' && claim.date < '1996').map((claim, i) => shotOf(claim, i));
    const submit = (part: Shot[], label: (one: Shot, i: number) => number, selection?: LabelSelection) =>
      monitoring.publish(groundTruthReceived, {
        submissionId: newId(),
        modelName: model,
        keyId: 'testkey',
        items: part.map((one, i) => ({
          clientRecordId: one.clientRecordId,
          label: label(one, i),
          occurredAt: '1996-06-01T00:00:00Z',
          source: 'settlement',
          ...(selection ? { selection } : {}),
        })),
      });
    await submit(shots.slice(0, 400), (_, i) => (i % 6 === 0 ? 1 : 0));
    const [first] = await eventually(async () => {
      const { items } = (await api.get(`models/${model}/performance`)).body;
      return items.length > 0 && items;
    }, waitMs);
    await submit(shots.slice(400), (_, i) => (i % 6 === 0 ? 1 : 0), 'random');
    const again = await eventually(async () => {
      const { items } = (await api.get(`models/${model}/performance`)).body;
      return items[0].labelledCount > first.labelledCount && items;
    }, waitMs);
    expect(again).toHaveLength(1);
    expect(again[0].reportId).toBe(first.reportId);
    expect(first.labelSelections).toEqual({ unknown: 400 });
    const { unknown, random } = again[0].labelSelections;
    expect([unknown, unknown + random]).toEqual([400, again[0].labelledCount]);
    expect(again[0].metrics.find(({ metric }: { metric: string }) => metric === 'auc')).toMatchObject({
      verdict: 'degraded',
      reference: 0.77,
    });
    await eventually(() =>
      monitoring.events('monitoring.performance.degraded.v1').some(({ data }) => (data['metric'] as unknown) === 'auc'),
    );
  });
});

describe('a rollout', () => {
  let monitoring: Monitoring;
  let api: ReturnType<typeof clientOf>;

  beforeAll(async () => {
    monitoring = await startMonitoring();
    const { url } = await monitoring.start();
    api = clientOf(url, await monitoring.key(['operator']));
    await eventually(async () => (await api.get('alerts')).status === 200, waitMs);
  });
  afterAll(() => monitoring.stop());

  const rolloutOf = (version: number) => ({
    rolloutId: newId(),
    promotionId: newId(),
    modelName: 'canaried',
    environment: 'production' as const,
    version,
    artifactDigest: 'b'.repeat(64),
    championVersion: 1,
  });
  const judged = (rolloutId: string) =>
    monitoring.events('monitoring.canary.judged.v1').filter(({ data }) => (data['rolloutId'] as unknown) === rolloutId);
  /** Every fifth record is damaged; the champion knows, an inverted version says the opposite. */
  const answer = async (rolloutId: string, version: number, count: number, kind: 'good' | 'inverted', labelled = count) => {
    const isDamaged = (i: number) => i % 5 === 0;
    const shots = Array.from({ length: count }, (_, i) =>
      shot({
        model: 'canaried',
        version,
        rolloutId,
        role: version === 1 ? Role.CHAMPION : Role.CHALLENGER,
        score: (isDamaged(i) === (kind === 'good') ? 0.55 : 0.12) + (i % 3) / 50,
        clientRecordId: newId(),
      }),
    );
    await monitoring.publishBlock(shots);
    if (labelled === 0) return;
    await monitoring.publish(groundTruthReceived, {
      submissionId: newId(),
      modelName: 'canaried',
      keyId: 'testkey',
      items: shots.slice(0, labelled).map((one, i) => ({
        clientRecordId: one.clientRecordId,
        label: isDamaged(i) ? 1 : 0,
        occurredAt: '1996-01-01T00:00:00Z',
        source: 'settlement',
      })),
    });
  };
  const verdicts = (rolloutId: string) => judged(rolloutId).map(({ data }) => [data['step'], data['verdict']]);
  const stepStarted = (rolloutId: string, step: number) =>
    eventually(
      async () =>
        (await monitoring.query('select 1 from monitoring.rollout_steps where rollout_id = $1 and step = $2', [rolloutId, step])).length ===
        1,
      waitMs,
    );

  it('passes each step on its own labelled evidence, says so once, and ends', async () => {
    const rollout = rolloutOf(2);
    await monitoring.publish(rolloutStarted, { ...rollout, step: 0, percent: 50 });
    await stepStarted(rollout.rolloutId, 0);
    await eventually(() => verdicts(rollout.rolloutId).length === 1, waitMs);
    await answer(rollout.rolloutId, 1, 60, 'good');
    await answer(rollout.rolloutId, 2, 60, 'good', 10);
    // labelled answers outside the rollout are no evidence
    await answer('', 2, 60, 'inverted');
    await answer(rollout.rolloutId, 2, 40, 'good');
    await eventually(() => verdicts(rollout.rolloutId).length === 2, waitMs);
    await monitoring.publish(rolloutAdvanced, { ...rollout, step: 1, percent: 100, reasons: [] });
    await stepStarted(rollout.rolloutId, 1);
    await eventually(() => verdicts(rollout.rolloutId).length === 3, waitMs);
    await answer(rollout.rolloutId, 2, 40, 'good');
    await eventually(
      () => verdicts(rollout.rolloutId).some(([step, verdict]) => (step as unknown) === 1 && (verdict as unknown) === 'pass'),
      waitMs,
    );
    expect(verdicts(rollout.rolloutId)).toEqual([
      [0, 'insufficient-data'],
      [0, 'pass'],
      [1, 'insufficient-data'],
      [1, 'pass'],
    ]);
    await monitoring.publish(rolloutCompleted, { ...rollout, reasons: [] });
    const { body } = await api.get(`rollouts/${rollout.rolloutId}/judgements`);
    expect(body.items.map(({ verdict }: { verdict: string }) => verdict)).toEqual([
      'insufficient-data',
      'pass',
      'insufficient-data',
      'pass',
    ]);
    expect(body.items[1].reasons[0]).toMatch(/mean log loss .* canary predictions against/);
    // the newest first, page by page
    const newest = `rollouts/${rollout.rolloutId}/judgements?order=newest&limit=3`;
    const { body: first } = await api.get(newest);
    const { body: second } = await api.get(`${newest}&cursor=${first.nextCursor}`);
    expect([...first.items, ...second.items]).toEqual(body.items.toReversed());
  });

  it('that does harm is failed, alerted and, when rolled back, resolved', async () => {
    const rollout = rolloutOf(3);
    await monitoring.publish(rolloutStarted, { ...rollout, step: 0, percent: 10 });
    await stepStarted(rollout.rolloutId, 0);
    await answer(rollout.rolloutId, 1, 60, 'good');
    await answer(rollout.rolloutId, 3, 30, 'inverted');
    await eventually(() => verdicts(rollout.rolloutId).some(([, verdict]) => (verdict as unknown) === 'fail'), waitMs);
    const open = await eventually(async () => {
      const { items } = (await api.get('alerts?status=open&model=canaried')).body;
      return items.length === 1 && items;
    }, waitMs);
    expect(open[0]).toMatchObject({ rule: 'canary-failed', severity: 'critical' });
    await monitoring.publish(rolloutRolledBack, { ...rollout, step: 0, percent: 0, reasons: ['harm'] });
    await eventually(async () => (await api.get('alerts?status=open&model=canaried')).body.items.length === 0, waitMs);
    await eventually(() => monitoring.events('monitoring.alert.resolved.v1').length === 1, waitMs);
  });

  it('nobody knows is a 404 with its code', async () => {
    expect(await api.get(`rollouts/${newId()}/judgements`)).toMatchObject({ status: 404, body: { code: 'monitoring.rollout_not_found' } });
  });

  it('is judged by the policy of its model, which keeps defaults for what is left out', async () => {
    const writer = await api.put('models/canaried/policy', { canary: { minLabelled: 50 } });
    expect(writer).toMatchObject({
      status: 200,
      body: { policy: { canary: { minLabelled: 50, alpha: 0.01 }, drift: { minExcess: 0.1 } }, setBy: 'operator@test' },
    });
    expect((await api.put('models/canaried/policy', { canary: { alpha: 7 } })).status).toBe(400);
  });
});
