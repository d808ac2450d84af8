import { datasetPublished } from '@bascule/contracts';
import { eventually } from '@bascule/testing';
import pg from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import { inYears, readBirdstrikes } from './birdstrikes.js';
import { clientOf, pipeline, startTraining } from './start-training.js';
import { storeDataset } from './store-dataset.js';

const waitMs = { timeoutMs: 40_000 };

it('a pipeline that is made while the first version of its dataset arrives is trained', async () => {
  const training = await startTraining();
  onTestFinished(() => training.stop());
  const { url } = await training.start();
  const api = clientOf(url, await training.key(['scientist']));
  await eventually(async () => (await api.get('pipelines')).status === 200);
  const owner = new pg.Client({ connectionString: training.ownerUrl });
  await owner.connect();
  onTestFinished(() => owner.end());
  // the version is known, and no pipeline for it; but that is not committed until the gate opens
  await owner.query(`create table training.gate (open int);
    create function training.wait_at_gate() returns trigger language plpgsql security definer as
      $$ begin while not exists (select 1 from training.gate) loop perform pg_sleep(0.02); end loop; return null; end $$;
    create constraint trigger wait_at_gate after insert on training.dataset_versions
      deferrable initially deferred for each row execute function training.wait_at_gate()`);
  await training.publish(datasetPublished, await storeDataset(training.objects, inYears(readBirdstrikes(), 1990, 1991)));
  const waits = async (event: string) =>
    (await owner.query('select 1 from pg_stat_activity where datname = current_database() and wait_event = $1', [event])).rows.length > 0;
  await eventually(() => waits('PgSleep'), waitMs);
  let isMade = false;
  const making = api.post('pipelines', { ...pipeline, trainer: 'prior', params: {} }).finally(() => {
    isMade = true;
  });
  await eventually(async () => isMade || (await waits('advisory')), waitMs);
  await owner.query('insert into training.gate values (1)');
  expect((await making).status).toBe(201);
  await eventually(() => training.events('training.run.succeeded.v1').length === 1, waitMs);
});
