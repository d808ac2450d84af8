import { datasetPublished, evaluationReport, modelSignature, performanceDegraded, referenceProfile } from '@bascule/contracts';
import { newId } from '@bascule/platform';
import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { features, inYears, readBirdstrikes } from './birdstrikes.js';
import { clientOf, pipeline, startTraining, type Training } from './start-training.js';
import { storeDataset } from './store-dataset.js';

const claims = inYears(readBirdstrikes(), 1990, 1994);
const waitMs = { timeoutMs: 50_000 };
const { params: _, triggers, ...rest } = pipeline;
const recipe = { ...rest, triggers: { ...triggers, minNewLabelledRows: 300 } };

describe('what a run measured', () => {
  let training: Training;
  let api: ReturnType<typeof clientOf>;

  beforeAll(async () => {
    training = await startTraining();
    const { url } = await training.start();
    api = clientOf(url, await training.key(['scientist']));
    await eventually(async () => (await api.get('pipelines')).status === 200);
    await training.publish(datasetPublished, await storeDataset(training.objects, claims));
  });
  afterAll(() => training.stop());

  const stored = async (digest: unknown) => JSON.parse((await training.objects.get(String(digest))).toString());

  /** Makes a pipeline, which trains at once, and answers the data of what it made. */
  async function trained(name: string, body: object): Promise<Record<string, unknown>> {
    const { status, body: answer } = await api.post('pipelines', { ...recipe, name, modelName: name, ...body });
    expect([status, answer.errors]).toEqual([201, undefined]);
    return eventually(() => {
      const failed = training.events('training.run.failed.v1').find(({ data }) => data['pipelineName'] === name);
      if (failed) return failed.data;
      const made = training.events('training.run.succeeded.v1').find(({ data }) => data['pipelineName'] === name);
      if (!made) throw new Error('not yet');
      return made.data;
    }, waitMs);
  }

  it('boosted trees: measures with intervals, slices, groups, folds, importance and leak checks in one report', async () => {
    const made = await trained('trees', {
      trainer: 'gradient-boosting',
      params: { trees: 40, calibration: 'isotonic' },
      split: { holdoutFraction: 0.3, folds: 3 },
      evaluation: { slices: ['speed_knots', 'phase_of_flight'], sensitive: ['time_of_day'], resamplings: 50 },
    });
    const report = evaluationReport.parse(await stored(made['reportDigest']));
    const metrics = made['metrics'] as Record<string, number>;
    for (const { name, value, interval } of report.measures) {
      expect(value, name).toBe(metrics[name]);
      expect(interval, name).not.toBeNull();
    }
    expect(report.folds.map(({ measures }) => measures.find(({ name }) => name === 'auc')!.value > 0.6)).toEqual([true, true, true]);
    expect(report.slices.some(({ column }) => column === 'phase_of_flight')).toBe(true);
    expect(report.fairness).toMatchObject([{ column: 'time_of_day' }]);
    expect(report.importance.map(({ feature }) => feature).sort()).toEqual(features.map(({ name }) => name).sort());
    expect(report.leakChecks.map(({ check }) => check)).toEqual(['target-in-features', 'duplicates-across-splits', 'future-time']);
    expect(metrics['trainer.rounds']).toBeGreaterThan(5);
  });

  it('a regression: tells a number, and has measures of numbers', async () => {
    const made = await trained('speed', {
      trainer: 'gradient-boosting',
      features: features.filter(({ name }) => name !== 'speed_knots'),
      label: { column: 'speed_knots', task: 'regression' },
      params: { trees: 30 },
      evaluation: { sensitive: ['time_of_day'], resamplings: 20 },
    });
    expect(modelSignature.parse(made['signature']).outputs).toEqual([{ name: 'value', datatype: 'FP32', shape: [-1] }]);
    const report = evaluationReport.parse(await stored(made['reportDigest']));
    expect(report.measures.map(({ name }) => name)).toEqual(['mae', 'rmse', 'quantileLoss50', 'quantileLoss90']);
    expect([report.fairness, report.errorFairness?.map(({ column }) => column)]).toEqual([[], ['time_of_day']]);
    const profile = referenceProfile.parse(await stored(made['profileDigest']));
    expect(profile.prediction.name).toBe('value');
    expect(profile.performance).toBeUndefined();
  });

  it('several classes: a probability for each, named in the signature', async () => {
    const classes = ['Day', 'Night', 'Dawn'];
    const made = await trained('time', {
      trainer: 'logistic-regression',
      features: features.filter(({ name }) => name !== 'time_of_day'),
      label: { column: 'time_of_day', task: 'multiclass', classes },
      params: { classWeights: 'balanced', calibration: 'platt' },
      split: { holdoutFraction: 0.3, by: 'group', column: 'airport' },
      evaluation: { sensitive: ['phase_of_flight'], resamplings: 20 },
    });
    expect(modelSignature.parse(made['signature']).outputs).toMatchObject([
      { name: 'label', classes },
      { name: 'probabilities', shape: [-1, 3], columns: classes },
    ]);
    const report = evaluationReport.parse(await stored(made['reportDigest']));
    expect(report.classes).toEqual(classes);
    expect(report.confusion).toHaveLength(3);
    expect(report.fairness.map((table) => table.class)).toEqual(classes);
    expect(report.split).toContain('by group');
  });

  it('trains models of several classes and of numbers anew when they got worse', async () => {
    const later = inYears(readBirdstrikes(), 1995, 1995);
    const published = await storeDataset(training.objects, later, { after: claims });
    await training.publish(datasetPublished, published);
    await eventually(async () => (await training.query('select 1 from dataset_versions')).length === 2);
    const about = { version: 1, window: { from: '1995-01-01T00:00:00Z', to: '1996-01-01T00:00:00Z' }, labelledCount: 900 };
    for (const [modelName, metric, value, reference] of [
      ['speed', 'mae', 40, 20],
      ['time', 'f1Macro', 0.3, 0.5],
    ] as const) {
      const told = { ...about, metric, value, reference, reasons: [`${metric} got worse`] };
      await training.publish(performanceDegraded, { reportId: newId(), modelName, ...told });
    }
    for (const name of ['speed', 'time']) {
      const [again] = await eventually(async () => {
        const { items } = (await api.get(`runs?pipeline=${name}`)).body;
        return items.length === 2 && items[0].finishedAt !== null && items;
      }, waitMs);
      expect(again).toMatchObject({ status: 'succeeded', datasetVersion: published.datasetVersion });
      const { items } = (await api.get(`triggers?pipeline=${name}`)).body;
      expect(items.find(({ runId }: { runId: string }) => runId === again.runId)).toMatchObject({ cause: 'performance-degraded' });
      const report = evaluationReport.parse(await stored(again.result.reportDigest));
      expect(report.task).toBe(name === 'speed' ? 'regression' : 'multiclass');
    }
  });

  it('refuses a trainer that cannot tell what is asked, and a column that is not there', async () => {
    const wrong = await api.post('pipelines', { ...recipe, name: 'wrong', label: { column: 'speed_knots', task: 'regression' } });
    expect(wrong.body.errors).toMatchObject([{ path: 'trainer', message: expect.stringContaining('not regression') }]);
    const absent = await trained('absent', { evaluation: { sensitive: ['sex'] } });
    expect(absent['reason']).toContain('no column sex');
  });
});
