import { type ChildProcess, spawn } from 'node:child_process';
import { datasetPublished } from '@bascule/contracts';
import { newId } from '@bascule/platform';
import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inYears, readBirdstrikes } from './birdstrikes.js';
import { clientOf, pipeline, startTraining, type Training } from './start-training.js';
import { storeDataset } from './store-dataset.js';

const program = new URL('../dist/main.js', import.meta.url).pathname;
const waitMs = { timeoutMs: 60_000 };

/** What a run told last before its service was killed. */
interface Seen {
  readonly kind: string;
  readonly data: { readonly name?: string; readonly status?: string };
}

describe('a run whose service is killed at any step', () => {
  let training: Training;
  let api: ReturnType<typeof clientOf>;
  let service: ChildProcess | undefined;

  beforeAll(async () => {
    training = await startTraining();
    // looks on, and takes no run
    const { url } = await training.start({ RUN_POLL_MS: '600000' });
    api = clientOf(url, await training.key(['scientist', 'operator']));
    await eventually(async () => (await api.get('pipelines')).status === 200);
    await training.publish(datasetPublished, await storeDataset(training.objects, inYears(readBirdstrikes(), 1990, 1996)));
    await eventually(async () => (await training.query('select 1 from dataset_versions')).length === 1);
  });
  afterAll(async () => {
    service?.kill('SIGKILL');
    await training.stop();
  });

  const startService = () => {
    service = spawn(process.execPath, [program], { env: { ...training.env, INSTANCE_ID: newId() }, stdio: 'ignore' });
  };
  const told = async (id: string): Promise<Seen[]> =>
    (await training.query('select kind, data from run_events where run_id = $1 order by sequence', [id])) as unknown as Seen[];
  const succeeded = (id: string) => training.events('training.run.succeeded.v1').filter(({ data }) => data['runId'] === id);
  const isAt = (seen: readonly Seen[], step: string) =>
    seen.some(({ kind, data }) => (kind === 'step' && data.name === step) || (kind === 'state' && data.status === step));

  // the moment at which a step is first heard of, from the start of the run to the word that it succeeded
  it.each(['running', 'resolve', 'split', 'train', 'evaluate', 'sign', 'succeeded'])(
    'once heard of at %s leaves one registration, and the same model as without a kill',
    async (step) => {
      const name = `killed-${step}`;
      const made = await api.post('pipelines', { ...pipeline, name, triggers: { onFirstDataset: false } });
      expect(made.status).toBe(201);
      // nothing is taken over from the runs before this one: every step is there to be killed in
      const { runId } = (await api.post(`pipelines/${name}/runs`, { reuse: false })).body;
      if (!service) startService();
      await eventually(async () => isAt(await told(runId), step), { ...waitMs, intervalMs: 2 });
      service!.kill('SIGKILL');
      startService();
      await eventually(async () => (await api.get(`runs/${runId}`)).body.status === 'succeeded', waitMs);
      await eventually(() => succeeded(runId).length > 0, waitMs);
      const run = (await api.get(`runs/${runId}`)).body;
      expect(succeeded(runId)).toHaveLength(1);
      expect(succeeded(runId)[0]!.data['artifactDigest']).toBe(run.result.artifactDigest);
      const digests = training.events('training.run.succeeded.v1').map(({ data }) => data['artifactDigest']);
      expect(new Set(digests).size).toBe(1);
    },
    120_000,
  );
});
