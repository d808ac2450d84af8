import { execFileSync } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { aliasMoved, datasetPublished } from '@bascule/contracts';
import { newId } from '@bascule/platform';
import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inYears, readBirdstrikes } from './birdstrikes.js';
import { clientOf, listed, pipeline, startTraining, type Training } from './start-training.js';
import { storeDataset } from './store-dataset.js';

const claims = inYears(readBirdstrikes(), 1990, 1994);
const waitMs = { timeoutMs: 60_000 };
const space = { l2: { from: 0.01, to: 1000, scale: 'log' } };

function trainersOf(pid: number): number[] {
  try {
    return execFileSync('pgrep', ['-P', String(pid), '-f', 'trainers/main.js'])
      .toString()
      .trim()
      .split('\n')
      .map(Number);
  } catch {
    return []; // pgrep found none
  }
}

describe('search, steps and gates', () => {
  let training: Training;
  let api: ReturnType<typeof clientOf>;

  beforeAll(async () => {
    training = await startTraining();
    const { url } = await training.start();
    api = clientOf(url, await training.key(['scientist', 'operator']));
    await eventually(async () => (await api.get('pipelines')).status === 200);
    await training.publish(datasetPublished, await storeDataset(training.objects, claims));
    await eventually(async () => (await training.query('select 1 from dataset_versions')).length === 1);
  });
  afterAll(() => training.stop());

  const make = async (name: string, more: object) => {
    const body = { ...pipeline, name, modelName: name, triggers: { onFirstDataset: false }, ...more };
    const made = await api.post('pipelines', body);
    expect([made.status, made.body.detail]).toEqual([201, undefined]);
  };
  const request = async (name: string, body: object = {}): Promise<string> => (await api.post(`pipelines/${name}/runs`, body)).body.runId;
  const ended = (id: string) =>
    eventually(async () => {
      const { body } = await api.get(`runs/${id}`);
      return ['succeeded', 'failed'].includes(body.status) && body;
    }, waitMs);
  const stepsOf = async (id: string): Promise<Record<string, { status: string; reusedFrom: string | null }>> =>
    Object.fromEntries((await api.get(`runs/${id}/steps`)).body.items.map((step: { name: string }) => [step.name, step]));
  const succeeded = (id: string) => training.events('training.run.succeeded.v1').filter(({ data }) => data['runId'] === id);

  it('fit with the best parameters that trials on the training rows found', async () => {
    await make('searched', { search: { method: 'random', space, trials: 6, seed: 1, parallel: 3 } });
    const run = await ended(await request('searched'));
    expect([run.status, run.reason]).toEqual(['succeeded', null]);
    const { items } = (await api.get(`runs/${run.runId}/trials`)).body;
    expect(items).toHaveLength(6);
    const best = [...items].sort((a, b) => a.value - b.value)[0];
    expect(run.result.params).toMatchObject(best.params);
    const [event] = await eventually(() => listed(succeeded(run.runId)));
    expect(event!.data['params']).toMatchObject({ trainer: 'logistic-regression', ...best.params });
    // the hold-out decided nothing
    expect(best.metrics.rowCount).toBeLessThan(run.result.evaluatedOn.rowCount);
  });

  it('take over steps whose inputs did not change, and say from which run', async () => {
    const [first] = (await api.get('runs?pipeline=searched')).body.items;
    const again = await ended(await request('searched'));
    expect(again.result.artifactDigest).toBe(first.result.artifactDigest);
    const steps = await stepsOf(again.runId);
    for (const name of ['resolve', 'check', 'split', 'trials', 'train', 'evaluate', 'profile']) {
      expect([name, steps[name]!.status, steps[name]!.reusedFrom]).toEqual([name, 'reused', first.runId]);
    }
    expect([steps['sign']!.status, steps['register']!.status, steps['compare']!.status]).toEqual(['done', 'done', 'skipped']);
    expect((await api.get(`runs/${again.runId}/trials`)).body.items).toEqual([]);
    // what is signed says so as well
    const { payload } = (await api.get(`runs/${again.runId}/provenance`)).body;
    const { predicate } = JSON.parse(Buffer.from(payload, 'base64').toString());
    expect(predicate.buildDefinition.internalParameters.takenOver).toMatchObject({ trials: first.runId, train: first.runId });
  });

  it('carry out only what a new champion changes', async () => {
    const [{ runId, result }] = (await api.get('runs?pipeline=searched')).body.items;
    const moved = { modelName: 'searched', version: 1, alias: 'champion' as const, environment: 'production' as const };
    const ids = { promotionId: newId(), rolloutId: newId() };
    await training.publish(aliasMoved, { ...moved, artifactDigest: result.artifactDigest, ...ids });
    await eventually(async () => (await training.query(`select 1 from champions where model_name = 'searched'`)).length === 1);
    const run = await ended(await request('searched'));
    const steps = await stepsOf(run.runId);
    expect([steps['train']!.status, steps['evaluate']!.status, steps['compare']!.status]).toEqual(['reused', 'reused', 'done']);
    expect(run.result.champion.comparison.verdict).toBe('no-difference');
    expect(runId).not.toBe(run.runId);
  });

  it('make the same bytes when every step is carried out again', async () => {
    const [first] = (await api.get('runs?pipeline=searched')).body.items;
    const again = await ended(await request('searched', { reuse: false }));
    expect(Object.values(await stepsOf(again.runId)).filter(({ status }) => status === 'reused')).toEqual([]);
    expect(again.result).toMatchObject({
      artifactDigest: first.result.artifactDigest,
      profileDigest: first.result.profileDigest,
      metrics: first.result.metrics,
      params: first.result.params,
    });
  });

  it('go on with a search where a killed trainer left it', async () => {
    await make('halving', { search: { method: 'halving', space, trials: 9, minRows: 0.3, factor: 3, parallel: 1 } });
    const id = await request('halving');
    const trials = async () => (await api.get(`runs/${id}/trials`)).body.items;
    const [pid] = await eventually(() => listed(trainersOf(process.pid)));
    // it goes a little at a time: left alone it may be at its end before anybody looks
    await eventually(
      async () => {
        process.kill(pid!, 'SIGCONT');
        await setTimeout(5);
        process.kill(pid!, 'SIGSTOP');
        return (await trials()).length >= 2;
      },
      { ...waitMs, intervalMs: 1 },
    );
    process.kill(pid!, 'SIGKILL');
    const run = await ended(id);
    expect(run).toMatchObject({ status: 'succeeded', attempt: 2, failures: 1 });
    const all = await trials();
    expect(all.map(({ round }: { round: number }) => round)).toEqual([...Array(9).fill(0), ...Array(3).fill(1), ...Array(1).fill(2)]);
    expect(new Set(all.map(({ attempt }: { attempt: number }) => attempt))).toEqual(new Set([1, 2]));
    await eventually(() => listed(succeeded(id)));
  });

  it('say when all trials were refused', async () => {
    await make('unmeasured', { search: { method: 'grid', space: { l2: { values: [1, 2] } }, metric: 'happiness' } });
    const run = await ended(await request('unmeasured'));
    expect(run.status).toBe('failed');
    expect(run.reason).toMatch(/^all 2 trials were refused; the last one: there is no metric happiness; there are accuracy, auc,/);
  });

  it('refuse a search of a parameter that the trainer does not know, with the place', async () => {
    const yaml = (await import('yaml')).stringify({
      ...pipeline,
      name: 'unknown',
      search: { method: 'grid', space: { depth: { values: [1] }, l2: { values: [-1] } } },
    });
    const { status, body } = await api.raw('POST', 'pipelines', yaml, 'application/yaml');
    expect(status).toBe(400);
    expect(body.errors.map(({ path }: { path: string }) => path)).toEqual(['search.space.depth', 'search.space.l2']);
    expect(body.errors[0].message).toMatch(/^line \d+, column \d+: logistic-regression has no parameter depth$/);
  });

  it('register nothing that does not pass the gates, and keep what it reached', async () => {
    await make('gated', { gates: [{ metric: 'auc', min: 0.99 }] });
    const run = await ended(await request('gated'));
    expect(run.status).toBe('failed');
    expect(run.reason).toMatch(/^gate: auc is 0\.\d+, below 0.99$/);
    expect(run.result.metrics.auc).toBeGreaterThan(0.6);
    const [failed] = await eventually(() =>
      listed(training.events('training.run.failed.v1').filter(({ data }) => data['runId'] === run.runId)),
    );
    expect(failed!.data['reason']).toBe(run.reason);
    expect(succeeded(run.runId)).toEqual([]);
  });
});
