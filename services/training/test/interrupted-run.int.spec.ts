import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { buckets, datasetPublished, freezeKey, loopUnfrozen } from '@bascule/contracts';
import { newId } from '@bascule/platform';
import { compiledModules, eventually } from '@bascule/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inYears, readBirdstrikes } from './birdstrikes.js';
import { clientOf, listed, pipeline, startTraining, type Training } from './start-training.js';
import { storeDataset } from './store-dataset.js';

const claims = inYears(readBirdstrikes(), 1990, 1996);
const program = new URL('../dist/main.js', import.meta.url).pathname;
const waitMs = { timeoutMs: 30_000 };

/** Process ids of trainers that a process has started. */
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

function startProcess(env: Record<string, string>): ChildProcess {
  return spawn(process.execPath, [program], { env: { ...env, ...compiledModules, INSTANCE_ID: newId() }, stdio: 'ignore' });
}

describe('an interrupted run', () => {
  let training: Training;
  let api: ReturnType<typeof clientOf>;
  const processes: ChildProcess[] = [];

  const begin = async (overrides: Record<string, string> = {}) => {
    const { url } = await training.start(overrides);
    api = clientOf(url, await training.key(['scientist', 'operator']));
    await eventually(async () => (await api.get('pipelines')).status === 200);
    await training.publish(datasetPublished, await storeDataset(training.objects, claims));
  };
  const requestRun = async (): Promise<string> => {
    await api.post('pipelines', { ...pipeline, triggers: { ...pipeline.triggers, onFirstDataset: false } });
    return eventually(async () => {
      const { status, body } = await api.post('pipelines/claims-triage/runs', {});
      if (status !== 201) throw new Error(body.detail);
      return body.runId as string;
    });
  };
  const statusOf = async (id: string): Promise<string> => (await api.get(`runs/${id}`)).body.status;
  const ends = (id: string, status: string) => eventually(async () => (await statusOf(id)) === status, waitMs);

  beforeEach(async () => {
    training = await startTraining();
  });
  afterEach(async () => {
    for (const child of processes.splice(0)) child.kill('SIGKILL');
    await training.stop();
  });

  it('is tried again when the trainer is killed, and succeeds once', async () => {
    await begin();
    const id = await requestRun();
    const [trainer] = await eventually(() => listed(trainersOf(process.pid)));
    process.kill(trainer!, 'SIGKILL');
    await ends(id, 'succeeded');
    const run = (await api.get(`runs/${id}`)).body;
    expect(run).toMatchObject({ attempt: 2, failures: 1 });
    await eventually(() => training.events('training.run.succeeded.v1').length > 0);
    expect(training.events('training.run.succeeded.v1')).toHaveLength(1);
    expect(training.events('training.run.started.v1').map(({ data }) => data['attempt'])).toEqual([1, 2]);
  });

  it('is taken over when its service is killed, and its trainer ends by itself', async () => {
    const service = startProcess({ ...training.env, RUN_LEASE_MS: '1500' });
    processes.push(service);
    const observer = { RUN_POLL_MS: '600000' };
    await begin(observer);
    const id = await requestRun();
    const [trainer] = await eventually(() => listed(trainersOf(service.pid!)), waitMs);
    service.kill('SIGKILL');
    await eventually(() => {
      try {
        return !process.kill(trainer!, 0);
      } catch {
        return true; // gone
      }
    }, waitMs);
    expect(await statusOf(id)).toBe('running');
    processes.push(startProcess(training.env));
    await ends(id, 'succeeded');
    await eventually(() => training.events('training.run.succeeded.v1').length === 1);
    expect((await api.get(`runs/${id}`)).body.attempt).toBe(2);
  });

  it('is worked on by one of two replicas only', async () => {
    await begin();
    await training.start();
    const ids: string[] = [];
    for (const name of ['one', 'two', 'three', 'four']) {
      await api.post('pipelines', { ...pipeline, name, triggers: { ...pipeline.triggers, onFirstDataset: false } });
      ids.push(
        (
          await eventually(async () => {
            const { status, body } = await api.post(`pipelines/${name}/runs`, {});
            return status === 201 && body;
          })
        ).runId,
      );
    }
    for (const id of ids) await ends(id, 'succeeded');
    await eventually(() => training.events('training.run.succeeded.v1').length === 4);
    const started = training.events('training.run.started.v1');
    expect(started.map(({ data }) => data['runId']).sort()).toEqual(ids.sort());
    expect(new Set(started.map(({ data }) => data['executor'])).size).toBe(2);
  });

  it('stops when it is cancelled, and stays cancelled', async () => {
    await begin({ RUN_LEASE_MS: '1000' });
    const id = await requestRun();
    await ends(id, 'running');
    expect((await api.post(`runs/${id}/cancel`, { reason: 'wrong data' })).body).toMatchObject({
      status: 'cancelled',
      reason: 'wrong data',
    });
    await eventually(() => trainersOf(process.pid).length === 0);
    expect((await api.post(`runs/${id}/cancel`, {})).body.code).toBe('training.run_ended');
    expect(await statusOf(id)).toBe('cancelled');
    expect(training.events('training.run.succeeded.v1')).toEqual([]);
  });

  it('fails with the reason after three attempts that took too long', async () => {
    await begin({ RUN_TIMEOUT_MS: '20' });
    const id = await requestRun();
    await ends(id, 'failed');
    const reason = 'gave up after 3 attempts; the last one: no result within 20 ms';
    expect((await api.get(`runs/${id}`)).body).toMatchObject({ attempt: 3, failures: 3, reason });
    const [failed] = await eventually(() => listed(training.events('training.run.failed.v1')));
    expect(failed!.data).toMatchObject({ runId: id, attempt: 3, reason });
  });

  it('does not start while the loop is frozen, and starts when it is unfrozen', async () => {
    const state = { by: 'operator@test', reason: 'stop', since: new Date().toISOString() };
    await training.kv.put(buckets.control, freezeKey, { ...state, frozen: true });
    await begin();
    expect((await api.post('pipelines', pipeline)).status).toBe(201);
    const decided = () => training.events('training.trigger.decided.v1').map(({ data }) => data['reasons']);
    await eventually(() => decided().length === 1);
    expect(decided()).toEqual([['the loop is frozen']]);
    const { status, body } = await api.post('pipelines/claims-triage/runs', {});
    expect([status, body.code, body.detail]).toEqual([409, 'training.trigger_held', 'Not now: the loop is frozen.']);
    await training.kv.put(buckets.control, freezeKey, { ...state, frozen: false });
    await training.publish(loopUnfrozen, { switchId: 'loop', by: 'operator@test', reason: 'go' });
    await eventually(() => training.events('training.run.succeeded.v1').length === 1, waitMs);
  });

  it('goes back to the queue when its service shuts down, without counting as failed', async () => {
    const observer = { RUN_POLL_MS: '600000' };
    await begin(observer);
    const worker = await training.start();
    const id = await requestRun();
    await ends(id, 'running');
    await worker.close();
    const run = (await api.get(`runs/${id}`)).body;
    expect(run).toMatchObject({ status: 'queued', failures: 0 });
    await training.start();
    await ends(id, 'succeeded');
  });
});
