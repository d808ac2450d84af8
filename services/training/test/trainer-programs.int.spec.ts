import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { datasetPublished } from '@bascule/contracts';
import { newId } from '@bascule/platform';
import { sha256Hex } from '@bascule/storage';
import { compiledModules, eventually, temporaryFolder } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { features, inYears, readBirdstrikes } from './birdstrikes.js';
import { linearOnnx } from './linear-onnx.js';
import { clientOf, listed, pipeline, startTraining, type Training } from './start-training.js';
import { storeDataset } from './store-dataset.js';

const claims = inYears(readBirdstrikes(), 1990, 1994);
const waitMs = { timeoutMs: 180_000 };
const program = new URL('./trainers/trainer.mjs', import.meta.url).pathname;
const service = new URL('../dist/main.js', import.meta.url).pathname;
const behaviours = ['sound', 'tells', 'forever', 'garbage', 'nothing', 'refuses', 'flaky', 'changes', 'strays', 'links'];

const isAlive = (pid: number): boolean => {
  try {
    // a process that has ended and was not waited for is gone as well
    return process.kill(pid, 0) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

describe('trainer programs', () => {
  let training: Training;
  let api: ReturnType<typeof clientOf>;
  let settings: Record<string, string>;
  const folder = temporaryFolder('trainers');
  const [pidsFile, tellFile, workRoot] = [join(folder, 'pids'), join(folder, 'tell.json'), join(folder, 'work')];
  const replicas: ChildProcess[] = [];

  beforeAll(async () => {
    const model = join(folder, 'model.onnx');
    writeFileSync(model, linearOnnx(features, claims));
    const environment = { MODEL: model, PIDS: pidsFile, TELL: tellFile, LIB: join(folder, 'lib', 'trees.txt') };
    const about = { environment, version: '2.1', files: [join(folder, 'lib')] };
    mkdirSync(join(folder, 'lib'));
    writeFileSync(join(folder, 'lib', 'trees.txt'), 'oak');
    const programs = behaviours.map((name) => [name, { command: [process.execPath, program, name], ...about }] as const);
    const broken = ['absent', { command: ['/no/such/program'] }] as const;
    writeFileSync(join(folder, 'trainers.yaml'), JSON.stringify(Object.fromEntries([...programs, broken])));
    settings = { TRAINERS_FILE: join(folder, 'trainers.yaml'), WORK_ROOT: workRoot };
    training = await startTraining();
    const { url } = await training.start(settings);
    api = clientOf(url, await training.key(['scientist', 'operator']));
    await eventually(async () => (await api.get('pipelines')).status === 200);
    await training.publish(datasetPublished, await storeDataset(training.objects, claims));
    await eventually(async () => (await training.query('select 1 from dataset_versions')).length === 1);
  });
  afterAll(async () => {
    for (const replica of replicas) replica.kill('SIGKILL');
    await training.stop();
  });

  const request = async (name: string, trainer: string, more: object = {}): Promise<string> => {
    const body = { ...pipeline, name, trainer, params: {}, split: {}, triggers: { onFirstDataset: false }, ...more };
    const made = await api.post('pipelines', body);
    expect([made.status, made.body.detail]).toEqual([201, undefined]);
    return (await api.post(`pipelines/${name}/runs`, {})).body.runId;
  };
  const ended = (id: string) =>
    eventually(async () => {
      const { body } = await api.get(`runs/${id}`);
      return ['succeeded', 'failed'].includes(body.status) && body;
    }, waitMs);
  const pids = () => (existsSync(pidsFile) ? readFileSync(pidsFile, 'utf8').split('\n').filter(Boolean).map(Number) : []);

  it('train from their folder, and are judged on rows they never saw', async () => {
    const run = await ended(await request('sound', 'sound', { params: { depth: 3 } }));
    expect(run).toMatchObject({ status: 'succeeded', attempt: 1 });
    expect(run.result.metrics).toMatchObject({ 'trainer.trees': 12 });
    expect(run.result.metrics.auc).toBeGreaterThan(0.7);
    expect(run.result.signature.inputs).toHaveLength(9);
    const [event] = await eventually(() =>
      listed(training.events('training.run.succeeded.v1').filter(({ data }) => data['runId'] === run.runId)),
    );
    expect((await training.objects.get(event!.data['artifactDigest'] as string)).equals(readFileSync(join(folder, 'model.onnx')))).toBe(
      true,
    );
    await eventually(() => readdirSync(workRoot).length === 0);
  });

  it('say which way a number of their own is better, and a search follows', async () => {
    const search = { method: 'grid', space: { depth: { values: [2, 7, 5] } }, metric: 'trainer.hits' };
    const run = await ended(await request('searched', 'sound', { search }));
    expect(run).toMatchObject({ status: 'succeeded', result: { params: { depth: 7 }, metrics: { 'trainer.hits': 7 } } });
    const { items } = (await api.get(`runs/${run.runId}/trials`)).body;
    expect(items.map(({ value, better }: { value: number; better: string }) => [value, better])).toEqual(
      [2, 7, 5].map((of) => [of, 'higher']),
    );
  });

  it('are named in the provenance by the digests of their files', async () => {
    const [{ runId }] = (await api.get('runs?pipeline=sound')).body.items;
    const { payload } = (await api.get(`runs/${runId}/provenance`)).body;
    const { predicate } = JSON.parse(Buffer.from(payload, 'base64').toString());
    const used = new Map<string, { digest: { sha256: string }; annotations?: object }>(
      predicate.buildDefinition.resolvedDependencies.map((one: { name: string }) => [one.name, one]),
    );
    expect(used.get('program-file:trainer.mjs')?.digest.sha256).toBe(sha256Hex(readFileSync(program)));
    expect(used.get('program-file:trees.txt')?.digest.sha256).toBe(sha256Hex('oak'));
    expect(used.get('program:sound')).toMatchObject({ digest: { sha256: expect.any(String) }, annotations: { version: '2.1' } });
    expect([...used.keys()]).toContain(`program-file:${basename(realpathSync(process.execPath))}`);
  });

  it('get what the schema says, and no secret of the service', async () => {
    const run = await ended(await request('tells', 'tells', { resources: { seconds: 100 } }));
    expect(run.status).toBe('succeeded');
    const told = JSON.parse(readFileSync(tellFile, 'utf8'));
    expect(told).toMatchObject({ limits: { seconds: 100 }, features: 9, files: { train: 'train.parquet' } });
    expect(told.env).toEqual(['BASCULE_TASK_FOLDER', 'HOME', 'LIB', 'MODEL', 'PATH', 'PIDS', 'TELL', 'TMPDIR']);
    const { body } = await api.get('trainers/schemas');
    expect(body.job.required).toContain('seed');
  });

  it('have ended when they end, whatever they started holds their output open', async () => {
    const run = await ended(await request('strays', 'strays'));
    expect(run).toMatchObject({ status: 'succeeded', attempt: 1 });
    expect(pids()).toHaveLength(1);
    await eventually(() => pids().every((pid) => !isAlive(pid)));
    writeFileSync(pidsFile, '');
  });

  it('are stopped with all they started when they compute for ever', async () => {
    // a busy machine may need longer to start them at all
    for (const seconds of [4, 30]) {
      const run = await ended(await request(`forever-${seconds}`, 'forever', { resources: { seconds } }));
      const reason = `gave up after 3 attempts; the last one: no result within ${seconds}000 ms`;
      expect(run).toMatchObject({ status: 'failed', failures: 3, reason });
      if (pids().length >= 3) break;
    }
    expect(pids().length).toBeGreaterThanOrEqual(3);
    await eventually(() => pids().every((pid) => !isAlive(pid)));
  });

  it('fail with the reason when they leave garbage, or nothing', async () => {
    const garbage = await ended(await request('garbage', 'garbage'));
    expect([garbage.status, garbage.attempt]).toEqual(['failed', 1]);
    expect(garbage.reason).toMatch(/^model.onnx cannot be loaded: /);
    expect(await ended(await request('nothing', 'nothing'))).toMatchObject({ status: 'failed', reason: 'the trainer left no model.onnx' });
    expect(await ended(await request('links', 'links'))).toMatchObject({ status: 'failed', reason: 'model.onnx is no file, or a link' });
  });

  it('say with their exit code that the data do not do, or that they want to be tried again', async () => {
    expect(await ended(await request('refuses', 'refuses'))).toMatchObject({
      status: 'failed',
      attempt: 1,
      reason: 'no trees grow on such data',
    });
    const flaky = await ended(await request('flaky', 'flaky'));
    expect(flaky).toMatchObject({ status: 'succeeded', attempt: 2, failures: 1 });
  });

  it('must stay as they are while they run: of one that changed nobody knows what trained', async () => {
    const run = await ended(await request('changes', 'changes'));
    expect(run).toMatchObject({ status: 'succeeded', attempt: 2, failures: 1 });
    const { items } = (await api.get(`runs/${run.runId}/artifacts`)).body;
    expect(items.map(({ name }: { name: string }) => name)).toContain('model.onnx');
    // the second attempt is the one that trained with what lies there now
    expect(run.result.program.files).toContainEqual({ name: 'trees.txt', digest: sha256Hex('elm') });
    const failed = training.events('training.run.started.v1').filter(({ data }) => data['runId'] === run.runId);
    expect(failed.map(({ data }) => data['attempt'])).toEqual([1, 2]);
  });

  it('that are not there say so at once', async () => {
    const run = await ended(await request('absent', 'absent'));
    expect(run).toMatchObject({ status: 'failed', attempt: 1, reason: 'the program of trainer absent is not there' });
  });

  it('are those the operator named, under limits the kernel keeps', async () => {
    const unknown = await api.post('pipelines', { ...pipeline, name: 'unknown', trainer: 'rm-rf', params: {} });
    expect([unknown.status, unknown.body.code]).toEqual([422, 'training.trainer_unknown']);
    const greedy = await api.post('pipelines', { ...pipeline, name: 'greedy', resources: { cpus: 1024 } });
    expect([greedy.status, greedy.body.code]).toEqual([422, 'training.resources_unavailable']);
    const { items } = (await api.get('trainers')).body;
    expect(items.map(({ name }: { name: string }) => name)).toEqual(expect.arrayContaining(['logistic-regression', 'prior', 'sound']));
  });

  it('end with their service, and the run is taken over and registered once', async () => {
    writeFileSync(pidsFile, '');
    // only the process takes runs from here on
    const env = { ...training.env, ...settings, ...compiledModules, RUN_LEASE_MS: '4000', INSTANCE_ID: newId() };
    await training.pause();
    const replica = spawn(process.execPath, [service], { env, stdio: 'ignore' });
    replicas.push(replica);
    const { url } = await training.start({ ...settings, RUN_POLL_MS: '600000' });
    api = clientOf(url, await training.key(['scientist', 'operator']));
    await eventually(async () => (await api.get('pipelines')).status === 200);
    const runId = await request('taken-over', 'forever');
    await eventually(() => pids().length >= 3, waitMs);
    replica.kill('SIGKILL');
    await eventually(() => pids().every((pid) => !isAlive(pid)), waitMs);
    // the operator lets another program stand behind the name: the run that was taken over ends well
    const sound = JSON.parse(readFileSync(settings['TRAINERS_FILE']!, 'utf8'));
    writeFileSync(settings['TRAINERS_FILE']!, JSON.stringify({ ...sound, forever: sound.sound }));
    await training.start(settings);
    const run = await ended(runId);
    expect([run.status, run.attempt >= 2]).toEqual(['succeeded', true]);
    await eventually(() => listed(training.events('training.run.succeeded.v1').filter(({ data }) => data['runId'] === runId)));
  });
});
