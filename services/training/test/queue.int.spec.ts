import { datasetPublished } from '@bascule/contracts';
import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inYears, readBirdstrikes } from './birdstrikes.js';
import { clientOf, pipeline, startTraining, type Training } from './start-training.js';
import { storeDataset } from './store-dataset.js';

const waitMs = { timeoutMs: 60_000 };

describe('the queue of runs', () => {
  let training: Training;
  let api: ReturnType<typeof clientOf>;

  beforeAll(async () => {
    training = await startTraining();
    // takes no run itself
    const { url } = await training.start({ RUN_POLL_MS: '600000' });
    api = clientOf(url, await training.key(['scientist', 'operator']));
    await eventually(async () => (await api.get('pipelines')).status === 200);
    await training.publish(datasetPublished, await storeDataset(training.objects, inYears(readBirdstrikes(), 1990, 1992)));
    await eventually(async () => (await training.query('select 1 from dataset_versions')).length === 1);
  });
  afterAll(() => training.stop());

  const queue = async (name: string, modelName: string, more: object = {}, request: object = {}): Promise<string> => {
    const body = { ...pipeline, name, modelName, trainer: 'prior', params: {}, triggers: { onFirstDataset: false }, ...more };
    expect((await api.post('pipelines', body)).status).toBe(201);
    const { status, body: run } = await api.post(`pipelines/${name}/runs`, request);
    expect(status).toBe(201);
    return run.runId;
  };
  const order = () => training.events('training.run.started.v1').map(({ data }) => data['pipelineName']);
  const allEnd = (count: number) => eventually(() => training.events('training.run.succeeded.v1').length === count, waitMs);

  it('lets the higher priority go first, then the model that computed least, then the older run', async () => {
    await queue('busy-1', 'busy');
    const worker = await training.start();
    await allEnd(1);
    await worker.close();
    await queue('late', 'late', { priority: 'low' });
    await queue('busy-2', 'busy');
    await queue('busy-3', 'busy');
    await queue('fresh', 'fresh');
    await queue('pressing', 'busy', {}, { priority: 'high' });
    await training.start();
    await allEnd(6);
    expect(order()).toEqual(['busy-1', 'pressing', 'fresh', 'busy-2', 'busy-3', 'late']);
  });

  it('lets nobody wait for ever: a run moves up while it waits', async () => {
    await training.pause();
    const { url } = await training.start({ RUN_POLL_MS: '600000' });
    api = clientOf(url, await training.key(['scientist', 'operator']));
    await eventually(async () => (await api.get('pipelines')).status === 200);
    const patient = await queue('patient', 'patient', { priority: 'low' });
    await queue('eager', 'eager', { priority: 'high' });
    await training.query(`update runs set requested_at = now() - interval '1 hour' where id = $1`, [patient]);
    await training.start();
    await allEnd(8);
    expect(order().slice(-2)).toEqual(['patient', 'eager']);
  });
});
