import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { datasetPublished } from '@bascule/contracts';
import { eventually, temporaryFolder } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { features, inYears, readBirdstrikes } from './birdstrikes.js';
import { linearOnnx } from './linear-onnx.js';
import { clientOf, pipeline, startTraining, type Training } from './start-training.js';
import { storeDataset } from './store-dataset.js';

const claims = inYears(readBirdstrikes(), 1990, 1994);
const program = new URL('./trainers/trainer.mjs', import.meta.url).pathname;

interface Told {
  readonly id: number;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

describe('the events of a run', () => {
  let training: Training;
  let url: string;
  let key: string;
  let api: ReturnType<typeof clientOf>;

  beforeAll(async () => {
    const folder = temporaryFolder('run-events');
    const model = join(folder, 'model.onnx');
    writeFileSync(model, linearOnnx(features, claims));
    const program_ = (name: string) => ({
      command: [process.execPath, program, name],
      environment: { MODEL: model, PIDS: join(folder, 'pids') },
    });
    const file = join(folder, 'trainers.yaml');
    writeFileSync(file, JSON.stringify({ sound: program_('sound'), forever: program_('forever'), garbage: program_('garbage') }));
    training = await startTraining();
    ({ url } = await training.start({ TRAINERS_FILE: file }));
    key = await training.key(['scientist']);
    api = clientOf(url, key);
    await eventually(async () => (await api.get('pipelines')).status === 200);
    await training.publish(datasetPublished, await storeDataset(training.objects, claims));
    await eventually(async () => (await training.query('select 1 from dataset_versions')).length === 1);
  });
  afterAll(() => training.stop());

  const request = async (trainer: string): Promise<string> => {
    const body = { ...pipeline, name: trainer, trainer, params: {}, split: {}, triggers: { onFirstDataset: false } };
    expect((await api.post('pipelines', body)).status).toBe(201);
    return (await api.post(`pipelines/${trainer}/runs`, {})).body.runId;
  };
  /** Reads the stream until it ends, or until enough is told. */
  const follow = async (id: string, lastEventId?: number, isEnough: (told: Told[]) => boolean = () => false): Promise<Told[]> => {
    const abort = new AbortController();
    const headers = { authorization: `Bearer ${key}`, ...(lastEventId === undefined ? {} : { 'last-event-id': String(lastEventId) }) };
    const response = await fetch(`${url}/v1/runs/${id}/events`, { headers, signal: abort.signal });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    const told: Told[] = [];
    let rest = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + chunk).split('\n\n');
      rest = blocks.pop()!;
      for (const block of blocks) {
        const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
        if (field('event')) told.push({ id: Number(field('id')), event: field('event'), data: JSON.parse(field('data')) });
      }
      if (isEnough(told)) break;
    }
    abort.abort();
    return told;
  };

  it('come live, in order, and end with the run', async () => {
    const id = await request('sound');
    const told = await follow(id);
    expect(told.at(-1)).toMatchObject({ event: 'end', data: { status: 'succeeded' } });
    const numbered = told.slice(0, -1);
    expect(numbered.map((event) => event.id)).toEqual(numbered.map((_, at) => at + 1));
    expect(numbered.filter(({ event }) => event === 'state').map(({ data }) => data['status'])).toEqual(['queued', 'running', 'succeeded']);
    const of = (kind: string) => numbered.filter(({ event }) => event === kind).map(({ data }) => data);
    expect(of('progress')).toContainEqual(expect.objectContaining({ step: 'fit', percent: 50, secondsLeft: 1 }));
    expect(of('metric').map(({ value }) => value)).toEqual([1, 0.5, 1 / 3]);
    expect(of('log').map(({ message }) => message)).toEqual([expect.stringMatching(/^seed \d+$/), 'a plain line']);
    expect((await api.get(`runs/${id}`)).body.progress).toMatchObject({ step: 'store' });
  });

  it('go on after the last one that was seen', async () => {
    const [run] = (await api.get('runs?pipeline=sound')).body.items;
    const all = await follow(run.runId);
    const rest = await follow(run.runId, all[2]!.id);
    expect(rest).toEqual(all.slice(3));
    expect(await follow(run.runId, 1_000_000)).toEqual([{ id: 0, event: 'end', data: { status: 'succeeded' } }]);
  });

  it('are there while the run goes on, and say that it was cancelled', async () => {
    const id = await request('forever');
    const isRunning = ({ data }: Told) => data['status'] === 'running';
    const running = await follow(id, undefined, (told) => told.some(isRunning));
    expect(running.find(isRunning)).toMatchObject({ event: 'state', data: { attempt: 1 } });
    await api.post(`runs/${id}/cancel`, { reason: 'enough' });
    const rest = await follow(id, running.at(-1)!.id);
    expect(rest.at(-1)).toMatchObject({ event: 'end' });
    // behind it may come what the attempt told while it was being stopped, but no other state
    expect(rest.findLast(({ event }) => event === 'state')).toMatchObject({ data: { status: 'cancelled', reason: 'enough' } });
  });

  it('hold what can be held of a trainer that writes garbage', async () => {
    const told = await follow(await request('garbage'));
    expect(told.at(-1)).toMatchObject({ event: 'end', data: { status: 'failed' } });
    expect(told.some(({ event }) => event === 'log')).toBe(true);
  });

  it('are for those who may see the run', async () => {
    const [run] = (await api.get('runs?pipeline=sound')).body.items;
    const narrow = clientOf(url, await training.key(['scientist'], ['other-*']));
    await eventually(async () => (await narrow.get('pipelines')).status === 200);
    expect((await narrow.get(`runs/${run.runId}/events`)).body.code).toBe('access.model_not_allowed');
    expect((await api.get('runs/0197f000-0000-7000-8000-000000000000/events')).body.code).toBe('training.run_not_found');
  });
});
