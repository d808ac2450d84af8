import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { aliasMoved, datasetPublished } from '@bascule/contracts';
import { newId } from '@bascule/platform';
import { compiledModules, eventually } from '@bascule/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stepNames } from '../src/trainers/steps.js';
import { inYears, readBirdstrikes } from './birdstrikes.js';
import { holdRunsAt } from './hold-runs.js';
import { clientOf, listed, pipeline, startTraining, type Training } from './start-training.js';
import { storeDataset } from './store-dataset.js';

const program = new URL('../dist/main.js', import.meta.url).pathname;
const waitMs = { timeoutMs: 120_000 };
const workersAtOnce = 3;

type Who = 'service' | 'trainer';
/**
 * Who is killed at which step, twice in each run: a third attempt has to succeed. A service takes its trainer with it. `trial`: amid
 * a search, when its first trial is about to be kept; `start`: as soon as the trainer is there.
 */
const kills: [Who, string][][] = [
  [
    ['service', 'trials'],
    ['service', 'trial'],
  ],
  [
    ['trainer', 'start'],
    ['service', 'resolve'],
  ],
  [
    ['service', 'check'],
    ['service', 'split'],
  ],
  [
    ['service', 'train'],
    ['trainer', 'start'],
  ],
  [
    ['service', 'evaluate'],
    ['service', 'compare'],
  ],
  [
    ['service', 'report'],
    ['service', 'profile'],
  ],
  [
    ['trainer', 'start'],
    ['service', 'sign'],
  ],
  [
    ['service', 'register'],
    ['service', 'register'],
  ],
];
const few = ['phase_of_flight', 'wildlife_size', 'speed_knots'];
const recipe = {
  ...pipeline,
  features: pipeline.features.filter(({ name }) => few.includes(name)),
  search: { method: 'random', space: { l2: { from: 0.1, to: 100, scale: 'log' } }, trials: 3, seed: 1, parallel: 1 },
  evaluation: { resamplings: 20 },
  triggers: { onFirstDataset: false },
};

describe('a run that is killed', () => {
  let training: Training;
  let api: ReturnType<typeof clientOf>;
  let owner: pg.Client;
  let held: Awaited<ReturnType<typeof holdRunsAt>>;
  let undisturbed: { artifactDigest: string; profileDigest: string; metrics: object; params: object };
  const workers = new Map<string, ChildProcess>();

  const startWorker = () => {
    const id = newId();
    workers.set(
      id,
      spawn(process.execPath, [program], {
        env: { ...training.env, ...compiledModules, RUN_LEASE_MS: '4000', INSTANCE_ID: id },
        stdio: 'ignore',
      }),
    );
  };
  const make = async (name: string) => {
    const made = await api.post('pipelines', { ...recipe, name });
    expect([made.status, made.body.detail]).toEqual([201, undefined]);
  };
  // nothing is taken over from other runs: every step is there to be killed in
  const begin = async (name: string): Promise<string> => (await api.post(`pipelines/${name}/runs`, { reuse: false })).body.runId;
  const runOf = async (id: string) => (await api.get(`runs/${id}`)).body;
  const succeeds = (id: string) =>
    eventually(async () => {
      const run = await runOf(id);
      if (run.status === 'failed') throw new Error(run.reason);
      return run.status === 'succeeded' && run;
    }, waitMs);
  const told = (id: string) => training.events('training.run.succeeded.v1').filter(({ data }) => data['runId'] === id);
  /** The service that works on a run. */
  const holderOf = async (id: string): Promise<[string, ChildProcess]> => {
    const [{ lease_owner: name } = {}] = await training.query('select lease_owner from runs where id = $1', [id]);
    return [String(name), workers.get(String(name))!];
  };
  const statusIn = async (id: string) => (await training.query('select status from runs where id = $1', [id]))[0]!['status'];
  const holding = async (id: string) => {
    const holder = await holderOf(id);
    if (!holder[1]) throw new Error('nobody works on it yet');
    return holder;
  };
  const killService = async (id: string) => {
    const [name, worker] = await holderOf(id);
    worker.kill('SIGKILL');
    workers.delete(name);
    startWorker();
  };
  /** Kills a trainer of the run as soon as there is one. */
  const killTrainer = async (id: string) => {
    await eventually(async () => {
      const [, worker] = await holding(id);
      return trainersOf(worker.pid!).some(isKilled);
    }, waitMs);
  };

  beforeAll(async () => {
    training = await startTraining();
    owner = new pg.Client({ connectionString: training.ownerUrl });
    await owner.connect();
    held = await holdRunsAt(owner);
    // looks on, and takes no run
    const { url } = await training.start({ RUN_POLL_MS: '600000' });
    api = clientOf(url, await training.key(['scientist', 'operator']));
    await eventually(async () => (await api.get('pipelines')).status === 200);
    await training.publish(datasetPublished, await storeDataset(training.objects, inYears(readBirdstrikes(), 1990, 1992)));
    await eventually(async () => (await training.query('select 1 from dataset_versions')).length === 1);
    for (let worker = 0; worker < workersAtOnce; worker++) startWorker();
    await make('first');
    const first = await succeeds(await begin('first'));
    // from here on there is a champion to compare with
    const moved = { modelName: pipeline.modelName, version: 1, alias: 'champion' as const, environment: 'production' as const };
    const { artifactDigest } = first.result;
    await training.publish(aliasMoved, { ...moved, artifactDigest, promotionId: newId(), rolloutId: newId() });
    await eventually(async () => (await training.query('select 1 from champions')).length === 1);
    undisturbed = (await succeeds(await begin('first'))).result;
    expect(undisturbed.artifactDigest).toBe(artifactDigest);
  });
  afterAll(async () => {
    for (const worker of workers.values()) worker.kill('SIGKILL');
    await owner.end();
    await training.stop();
  });

  /** Begins a run whose attempts are killed in the midst of a step each. */
  const killedAt = async (name: string, points: readonly [Who, string][]): Promise<string> => {
    await make(name);
    const holds = [];
    for (const [at, [who, step]] of points.entries()) holds.push(who === 'service' ? await held.at(name, step, at + 1) : undefined);
    const id = await begin(name);
    for (const hold of holds) {
      await hold?.arrived();
      await (hold ? killService(id) : killTrainer(id));
      await hold?.letGo();
    }
    return id;
  };
  /** One registration, of what comes out when nobody is killed. */
  const registeredOnce = async (id: string, attempts: number) => {
    const { result, attempt } = await succeeds(id);
    expect(attempt).toBeGreaterThanOrEqual(attempts);
    for (const made of ['artifactDigest', 'profileDigest', 'metrics', 'params'] as const) expect(result[made]).toEqual(undisturbed[made]);
    const [event] = await eventually(() => listed(told(id)), waitMs);
    expect(event!.data['artifactDigest']).toBe(undisturbed.artifactDigest);
  };

  it('at every step leaves one registration, of the same model as when nobody is killed', async () => {
    const waiting = [...kills];
    const lane = async () => {
      for (let points = waiting.shift(); points !== undefined; points = waiting.shift()) {
        const name = `killed-${points.flat().join('-')}`;
        await killedAt(name, points)
          .then((id) => registeredOnce(id, 3))
          .catch((error: Error) => {
            throw new Error(`${name}: ${error.message}`, { cause: error });
          });
      }
    };
    await Promise.all(Array.from({ length: workersAtOnce }, lane));
    const killed = new Set(kills.flat().map(([, step]) => step));
    expect(stepNames.filter((step) => !killed.has(step))).toEqual([]);
  });

  it('when all is stored and nobody was told leaves one registration', async () => {
    await make('just-registered');
    const id = await begin('just-registered');
    const [name, worker] = await eventually(() => holding(id), waitMs);
    await eventually(async () => (await statusIn(id)) === 'succeeded', { ...waitMs, intervalMs: 1 });
    worker.kill('SIGKILL');
    workers.delete(name);
    startWorker();
    await registeredOnce(id, 1);
  });

  it('is registered once for good: nothing is told again later', async () => {
    const runs = (await api.get('runs?limit=100')).body.items;
    const all = training.events('training.run.succeeded.v1');
    expect(all.map(({ data }) => data['runId']).sort()).toEqual(runs.map(({ runId }: { runId: string }) => runId).sort());
    expect(new Set(all.map(({ data }) => data['artifactDigest']))).toEqual(new Set([undisturbed.artifactDigest]));
  });
});

function isKilled(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false; // it has ended by itself
  }
}

/** Process ids of trainers that a process has started. */
function trainersOf(pid: number): number[] {
  try {
    const found = execFileSync('pgrep', ['-P', String(pid), '-f', 'trainers/main.js']);
    return found.toString().trim().split('\n').map(Number);
  } catch {
    return []; // pgrep found none
  }
}
