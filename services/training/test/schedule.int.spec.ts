import { datasetPublished } from '@bascule/contracts';
import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inYears, readBirdstrikes } from './birdstrikes.js';
import { clientOf, pipeline, startTraining, type Training } from './start-training.js';
import { storeDataset } from './store-dataset.js';

const claims = inYears(readBirdstrikes(), 1990, 1996);
const waitMs = { timeoutMs: 60_000 };
const hourMs = 3_600_000;

describe('a schedule, watched by two replicas', () => {
  let training: Training;
  let api: ReturnType<typeof clientOf>;

  beforeAll(async () => {
    // every hour is due on the hour: none begins in the midst of it
    await eventually(() => Date.now() % hourMs < hourMs - 60_000, { timeoutMs: 70_000 });
    training = await startTraining();
    const { url } = await training.start({ SCHEDULE_POLL_MS: '50' });
    await training.start({ SCHEDULE_POLL_MS: '50' });
    api = clientOf(url, await training.key(['scientist']));
    await eventually(async () => (await api.get('pipelines')).status === 200);
    await training.publish(datasetPublished, await storeDataset(training.objects, claims));
    await eventually(async () => (await training.query('select 1 from dataset_versions')).length === 1);
  });
  afterAll(() => training.stop());

  const make = async (name: string, schedule: object) => {
    const triggers = { onFirstDataset: false, cooldownMinutes: 0, schedule: { cron: '0 * * * *', ...schedule } };
    const { status, body } = await api.post('pipelines', { ...pipeline, name, triggers });
    expect(status).toBe(201);
    return body;
  };
  /** As if the service had been away since then. @param hours whole hours that were due meanwhile, now included */
  const beAway = async (name: string, hours: number): Promise<Date> => {
    const last = new Date(Math.floor(Date.now() / hourMs) * hourMs);
    const first = new Date(last.getTime() - (hours - 1) * hourMs);
    await training.query('update schedules set next_at = $2 where pipeline_name = $1', [name, first]);
    return last;
  };
  const decided = (name: string) =>
    training
      .events('training.trigger.decided.v1')
      .map(({ data }) => data)
      .filter((data) => data['pipelineName'] === name && data['cause'] === 'schedule');
  const runsOf = async (name: string) => (await api.get(`runs?pipeline=${name}`)).body.items;

  it('shows when it is due next, and forgets it when it is taken away', async () => {
    const made = await make('shown', { timeZone: 'Asia/Kathmandu' });
    const next = Date.parse(made.nextFireAt);
    expect(next - Date.now()).toBeLessThanOrEqual(hourMs);
    // the full hour of a zone that is 5:45 ahead
    expect((next / 60_000) % 60).toBe(15);
    expect((await api.get('pipelines/shown')).body.nextFireAt).toBe(made.nextFireAt);
    const { name: _, ...body } = { ...pipeline, triggers: { onFirstDataset: false } };
    expect((await api.put('pipelines/shown', body)).body.nextFireAt).toBeNull();
  });

  it('says what is wrong with a schedule', async () => {
    const triggers = { schedule: { cron: '0 0 31 2 *', timeZone: 'UTC' } };
    const { status, body } = await api.post('pipelines', { ...pipeline, name: 'never', triggers });
    expect([status, body.errors]).toEqual([400, [{ path: 'triggers.schedule.cron', message: 'names no date that exists' }]]);
  });

  it('fires once at its time, and says which time it was', async () => {
    await make('once', { catchUp: 'once' });
    const last = await beAway('once', 5);
    await eventually(async () => (await runsOf('once')).some(({ status }: { status: string }) => status === 'succeeded'), waitMs);
    expect(await runsOf('once')).toHaveLength(1);
    const [missed, run] = await eventually(() => decided('once').length === 2 && decided('once'), waitMs);
    expect(missed!['reasons']).toEqual([expect.stringContaining('4 due times from')]);
    expect(run).toMatchObject({ outcome: 'run', nominalAt: last.toISOString() });
    const { nextFireAt } = (await api.get('pipelines/once')).body;
    expect(Date.parse(nextFireAt)).toBe(last.getTime() + hourMs);
  });

  it('does not fire again for a time that was claimed, whatever brings it back', async () => {
    // the dataset may reach the trigger later than the pipeline
    const bySchedule = async () =>
      (await api.get('triggers?pipeline=once')).body.items.filter(({ cause }: { cause: string }) => cause === 'schedule');
    const before = await bySchedule();
    await beAway('once', 1);
    await eventually(async () => {
      const [row] = await training.query(`select next_at > now() as moved from schedules where pipeline_name = 'once'`);
      return row!['moved'] === true;
    });
    expect(await bySchedule()).toEqual(before);
  });

  it('passes over what was missed when it is to skip', async () => {
    await make('skip', { catchUp: 'skip' });
    await beAway('skip', 3);
    // a time of this very minute would be met, not missed
    const [reason] = (await eventually(() => decided('skip').length > 0 && decided('skip'), waitMs))[0]!['reasons'] as string[];
    expect(reason).toMatch(/^[23] due times from/);
  });

  it('makes up for each missed time, one after another', async () => {
    await make('each', { catchUp: 'all', maxCatchUp: 2, minNewLabelledRows: 0 });
    const last = await beAway('each', 5);
    await eventually(
      async () => (await runsOf('each')).filter(({ status }: { status: string }) => status === 'succeeded').length === 2,
      waitMs,
    );
    const nominal = decided('each')
      .filter(({ outcome }) => outcome === 'run')
      .map(({ nominalAt }) => nominalAt);
    expect(nominal).toEqual([new Date(last.getTime() - hourMs).toISOString(), last.toISOString()]);
  });
});
