import { groundTruthReceived, type ReferenceProfile } from '@bascule/contracts';
import { newId } from '@bascule/platform';
import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { birdstrikes, type Claim, profileOf } from './birdstrikes.js';
import { type Shot, shot } from './blocks.js';
import { clientOf, type Monitoring, startMonitoring } from './start-monitoring.js';

const waitMs = { timeoutMs: 40_000 };
const claims = birdstrikes();
const before = claims.filter((claim) => claim.date < '1995');
const profile: ReferenceProfile = {
  schemaVersion: 1,
  datasetName: 'birdstrikes',
  datasetVersion: 'd'.repeat(64),
  rowCount: Math.max(1, before.length),
  occurredFrom: '1990-01-01T00:00:00Z',
  occurredTo: '1995-01-01T00:00:00Z',
  features: before.length > 0 ? profileOf(before) : [],
  prediction: { name: 'probability', kind: 'numeric', missing: 0, edges: [], counts: [0], min: null, max: null, quantiles: [] },
};

describe.skipIf(claims.length === 0)('performance of other models (skipped where vega-datasets is not installed)', () => {
  const sizes = ['Small', 'Medium', 'Large'];
  const year = claims.filter(({ date, speed, wildlife_size: size }) => date.startsWith('1995') && speed !== '' && sizes.includes(size));
  let monitoring: Monitoring;
  let api: ReturnType<typeof clientOf>;

  beforeAll(async () => {
    monitoring = await startMonitoring();
    const { url } = await monitoring.start();
    api = clientOf(url, await monitoring.key(['operator', 'scientist']));
    await eventually(async () => (await api.get('alerts')).status === 200, waitMs);
  });
  afterAll(() => monitoring.stop());

  type Quality = NonNullable<ReferenceProfile['quality']>;
  const register = async (modelName: string, quality: Quality) => {
    await monitoring.register(modelName, 1, { ...profile, quality });
    await eventually(
      async () => (await monitoring.query('select 1 from monitoring.model_versions where model_name = $1', [modelName])).length === 1,
      waitMs,
    );
  };
  /** Answers a real year of claims, with their truth; and one claim of the year after, so that the year has ended. */
  const answerAndLabel = async (modelName: string, answer: (claim: Claim) => Partial<Shot>, truth: (claim: Claim) => number) => {
    const shots = year.map((claim, at) =>
      shot({ model: modelName, occurredAt: `${claim.date}T12:00:00Z`, clientRecordId: `${modelName}-${at}`, ...answer(claim) }),
    );
    await monitoring.publishBlock(shots);
    await monitoring.publishBlock([shot({ model: modelName, occurredAt: '1996-01-02T12:00:00Z', ...answer(year[0]!) })]);
    await monitoring.publish(groundTruthReceived, {
      submissionId: newId(),
      modelName,
      keyId: 'testkey',
      items: shots.map(({ clientRecordId }, at) => ({
        clientRecordId,
        label: truth(year[at]!),
        occurredAt: '1996-06-01T00:00:00Z',
        source: 'settlement',
      })),
    });
    return eventually(async () => {
      const [report] = (await api.get(`models/${modelName}/performance`)).body.items;
      return report?.labelledCount === year.length && report;
    }, waitMs);
  };
  const degraded = (modelName: string) =>
    monitoring.events('monitoring.performance.degraded.v1').filter(({ data }) => (data['modelName'] as string) === modelName);
  const byMetric = (report: { metrics: { metric: string; verdict: string }[] }) =>
    Object.fromEntries(report.metrics.map(({ metric, verdict }) => [metric, verdict]));

  it('of several classes is told by accuracy, macro F1 and log loss, and reported when it fell', async () => {
    const measures = {
      accuracy: { value: 0.8, standardError: 0.01 },
      f1Macro: { value: 0.75, standardError: 0.01 },
      logLoss: { value: 0.55, standardError: 0.01 },
    };
    await register('wildlife-size', { task: 'multiclass', rowCount: 2000, classCount: 3, measures });
    // says Medium, whatever comes
    const report = await answerAndLabel(
      'wildlife-size',
      () => ({ probabilities: [0.2, 0.7, 0.1] }),
      (claim) => sizes.indexOf(claim.wildlife_size),
    );
    expect(byMetric(report)).toEqual({ accuracy: 'degraded', f1Macro: 'degraded', logLoss: 'degraded' });
    const share = year.filter((claim) => claim.wildlife_size === 'Medium').length / year.length;
    expect(report.metrics.find(({ metric }: { metric: string }) => metric === 'accuracy').value).toBeCloseTo(share, 9);
    await eventually(() => degraded('wildlife-size').length === 3, waitMs);
    expect(degraded('wildlife-size')[0]!.data).toMatchObject({ version: 1, labelledCount: year.length });
    await eventually(async () => {
      const { items } = (await api.get('alerts?status=open&model=wildlife-size')).body;
      expect(items.map(({ rule }: { rule: string }) => rule)).toContain('performance-degraded');
    }, waitMs);
  });

  it('of numbers is told by MAE and RMSE, and reported by the policy of the model', async () => {
    const speeds = year.map(({ speed }) => Number(speed));
    const mean = speeds.reduce((a, b) => a + b, 0) / speeds.length;
    const mae = speeds.reduce((sum, speed) => sum + Math.abs(speed - mean), 0) / speeds.length;
    const measures = { mae: { value: mae * 0.8, standardError: 0.1 }, rmse: { value: 1000, standardError: 0.1 } };
    await register('speed', { task: 'regression', rowCount: 2000, measures });
    await api.put('models/speed-patient/policy', { performance: { minErrorGain: 0.5 } });
    await register('speed-patient', { task: 'regression', rowCount: 2000, measures });
    const answer = () => ({ value: mean });
    const truth = ({ speed }: Claim) => Number(speed);
    const report = await answerAndLabel('speed', answer, truth);
    expect(byMetric(report)).toEqual({ mae: 'degraded', rmse: 'steady' });
    expect(report.metrics.find(({ metric }: { metric: string }) => metric === 'mae').value).toBeCloseTo(mae, 6);
    expect(byMetric(await answerAndLabel('speed-patient', answer, truth))).toEqual({ mae: 'steady', rmse: 'steady' });
    await eventually(() => degraded('speed').length === 1, waitMs);
    expect(degraded('speed-patient')).toEqual([]);
  });
});
