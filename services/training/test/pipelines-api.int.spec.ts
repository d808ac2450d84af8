import { datasetPublished } from '@bascule/contracts';
import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inYears, readBirdstrikes } from './birdstrikes.js';
import { clientOf, pipeline, startTraining, type Training } from './start-training.js';
import { storeDataset } from './store-dataset.js';

const claims = inYears(readBirdstrikes(), 1990, 1996);
const waitMs = { timeoutMs: 30_000 };

describe('the API of training', () => {
  let training: Training;
  let url: string;
  let scientist: ReturnType<typeof clientOf>;

  beforeAll(async () => {
    training = await startTraining();
    ({ url } = await training.start());
    scientist = clientOf(url, await training.key(['scientist']));
    await eventually(async () => (await scientist.get('pipelines')).status === 200);
  });
  afterAll(() => training.stop());

  const quiet = { ...pipeline, triggers: { ...pipeline.triggers, onFirstDataset: false } };

  it('keeps a pipeline and fills in the defaults', async () => {
    const { name, modelName, datasetName, features, label } = pipeline;
    const { status, body } = await scientist.post('pipelines', { name, modelName, datasetName, features, label });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      params: { l2: 1 },
      split: { holdoutFraction: 0.3 },
      triggers: { onDrift: 'propose', onFirstDataset: true },
    });
    expect((await scientist.get(`pipelines/${name}`)).body).toEqual(body);
  });

  it('replaces a pipeline, and refuses a second one of its name', async () => {
    const { name, ...body } = quiet;
    expect((await scientist.put(`pipelines/${name}`, body)).body.triggers.onFirstDataset).toBe(false);
    expect((await scientist.post('pipelines', quiet)).body.code).toBe('training.pipeline_exists');
  });

  it('answers a repeated POST with the same Idempotency-Key as the first', async () => {
    const key = { 'idempotency-key': 'make-it-once' };
    const first = await scientist.post('pipelines', { ...quiet, name: 'once' }, key);
    const second = await scientist.post('pipelines', { ...quiet, name: 'once' }, key);
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
  });

  it('refuses text that cannot be stored and names its place', async () => {
    const answer = await scientist.post('pipelines', { ...quiet, name: 'odd', label: { ...quiet.label, column: 'a\u0000' } });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'label.column' }] } });
  });

  it('refuses an empty cursor in every list', async () => {
    for (const list of ['pipelines', 'runs', 'triggers']) {
      expect(await scientist.get(`${list}?cursor=`)).toMatchObject({ status: 400, body: { errors: [{ path: 'cursor' }] } });
    }
  });

  it('names every fault of a pipeline', async () => {
    const { status, body } = await scientist.post('pipelines', {
      ...quiet,
      name: 'Bad Name',
      features: [{ name: 'label', kind: 'picture' }],
      params: { l2: -1 },
    });
    expect(status).toBe(400);
    expect(body.errors.map(({ path }: { path: string }) => path).sort()).toEqual([
      'features.0.kind',
      'features.0.name',
      'name',
      'params.l2',
    ]);
  });

  it('lets other roles read but not write, and keeps to the names of the key', async () => {
    const auditor = clientOf(url, await training.key(['auditor']));
    const narrow = clientOf(url, await training.key(['scientist'], ['fraud-*']));
    await eventually(async () => (await auditor.get('pipelines')).status === 200 && (await narrow.get('pipelines')).status === 200);
    expect((await auditor.post('pipelines', { ...quiet, name: 'mine' })).status).toBe(403);
    expect((await narrow.post('pipelines', { ...quiet, name: 'mine' })).body.code).toBe('access.model_not_allowed');
    expect((await narrow.get('pipelines?limit=1')).body).toEqual({ items: [], nextCursor: null });
    expect((await narrow.get('pipelines/once')).body.code).toBe('access.model_not_allowed');
    const foreign = await narrow.post('pipelines/once/runs', {});
    expect([foreign.status, foreign.body.code]).toEqual([403, 'access.model_not_allowed']);
    expect((await clientOf(url, 'nonsense').get('pipelines')).status).toBe(401);
  });

  it('pages through lists without gaps', async () => {
    const first = (await scientist.get('pipelines?limit=1')).body;
    const second = (await scientist.get(`pipelines?limit=1&cursor=${first.nextCursor}`)).body;
    expect([...first.items, ...second.items].map(({ name }) => name)).toEqual(['claims-triage', 'once']);
    expect(second.nextCursor).toBeNull();
  });

  it('refuses a run without data, beside another run, and of unknown things', async () => {
    expect((await scientist.post('pipelines/claims-triage/runs', {})).body.detail).toContain(
      'dataset birdstrikes has no published version',
    );
    expect((await scientist.post('pipelines/nothing/runs', {})).body.code).toBe('training.pipeline_not_found');
    expect((await scientist.get('runs/0197f000-0000-7000-8000-000000000000')).body.code).toBe('training.run_not_found');
  });

  it('fails a run with the reasons when the data do not allow it', async () => {
    await training.publish(datasetPublished, await storeDataset(training.objects, claims.slice(0, 60), { datasetName: 'tiny' }));
    await scientist.post('pipelines', { ...quiet, name: 'tiny', datasetName: 'tiny' });
    const { runId: id } = await eventually(async () => {
      const { status, body } = await scientist.post('pipelines/tiny/runs', {});
      return status === 201 && body;
    });
    await eventually(async () => (await scientist.get(`runs/${id}`)).body.status === 'failed', waitMs);
    const { reason, attempt } = (await scientist.get(`runs/${id}`)).body;
    expect([reason.split(';')[0], attempt]).toEqual(['the training part has 42 labelled rows and needs 100', 1]);
    await eventually(() => training.events('training.run.failed.v1').length === 1);
    const narrow = clientOf(url, await training.key(['scientist'], ['fraud-*']));
    await eventually(async () => (await narrow.get('runs')).status === 200);
    expect((await scientist.get('triggers')).body.items).not.toEqual([]);
    for (const list of ['runs', 'triggers']) expect((await narrow.get(list)).body).toEqual({ items: [], nextCursor: null });
    expect((await narrow.get(`runs/${id}`)).body.code).toBe('access.model_not_allowed');
    expect((await narrow.post(`runs/${id}/cancel`, {})).body.code).toBe('access.model_not_allowed');
  });

  it('keeps to the datasets of a key on every route, whatever models it may see', async () => {
    const { items } = (await scientist.get('runs?pipeline=tiny')).body;
    const { runId: id } = items[0];
    await scientist.post('pipelines', { ...quiet, name: 'judged', evaluationDatasetName: 'tiny' });
    await training.query(
      `insert into proposals (id, pipeline_name, model_name, dataset_name, cause, trigger_id, reasons, status, opened_at, last_event_id, correlation_id)
       select $1, name, model_name, dataset_name, 'schedule', $1, '[]', 'declined', now(), $1, $1 from pipelines where name = 'tiny'`,
      [id],
    );
    const narrow = clientOf(url, await training.key(['scientist'], ['*'], ['birds*']));
    await eventually(async () => (await narrow.get('pipelines')).status === 200);
    const { name: _, ...body } = quiet;
    const foreign = { ...body, datasetName: 'tiny' };
    const calls: [string, Promise<{ body: { code?: string } }>][] = [
      ...[
        ...['', '/steps', '/trials', '/metrics', '/artifacts', '/artifacts/model.onnx', '/events', '/provenance'].map(
          (of) => `runs/${id}${of}`,
        ),
        `runs/compare?ids=${id},0197f000-0000-7000-8000-000000000000`,
        ...['pipelines/tiny', 'pipelines/tiny/versions', 'pipelines/tiny/versions/1', 'pipelines/judged', `proposals/${id}`],
      ].map((path): [string, ReturnType<typeof narrow.get>] => [path, narrow.get(path)]),
      ...[`runs/${id}/cancel`, 'pipelines/tiny/runs', 'pipelines/judged/runs', `proposals/${id}/accept`, `proposals/${id}/decline`].map(
        (path): [string, ReturnType<typeof narrow.get>] => [path, narrow.post(path, {})],
      ),
      ['PATCH', narrow.patch(`runs/${id}`, { note: 'mine' })],
      ['POST', narrow.post('pipelines', { ...foreign, name: 'taken' })],
      ['POST judged', narrow.post('pipelines', { ...body, name: 'taken', evaluationDatasetName: 'tiny' })],
      ['PUT of it', narrow.put('pipelines/tiny', body)],
      ['PUT to it', narrow.put('pipelines/once', foreign)],
    ];
    for (const [call, answer] of calls) expect([call, (await answer).body.code]).toEqual([call, 'access.dataset_not_allowed']);
    for (const list of [
      'runs?pipeline=tiny',
      'triggers?pipeline=tiny',
      'triggers?pipeline=judged',
      'proposals?pipeline=tiny',
      'runs?sort=-metric.auc&pipeline=tiny',
    ]) {
      expect([list, (await narrow.get(list)).body.items]).toEqual([list, []]);
    }
    expect((await narrow.get('pipelines?limit=500')).body.items.map(({ name }: { name: string }) => name)).toEqual([
      'claims-triage',
      'once',
    ]);
    expect((await scientist.get('triggers?pipeline=tiny')).body.items[0]).toMatchObject({
      datasetName: 'tiny',
      evaluationDatasetName: null,
    });
    await training.query(`delete from proposals where id = $1`, [id]);
  });

  it('judges a mislabelled dataset on the hold-out of the true one', async () => {
    const mislabelled = claims.map((row) => ({ ...row, label: (1 - row.label) as 0 | 1 }));
    const truth = await storeDataset(training.objects, claims);
    await training.publish(datasetPublished, truth);
    await training.publish(datasetPublished, await storeDataset(training.objects, mislabelled, { datasetName: 'mislabelled' }));
    await scientist.post('pipelines', { ...quiet, name: 'wrong', datasetName: 'mislabelled', evaluationDatasetName: 'birdstrikes' });
    const { runId: id } = await eventually(async () => {
      const { status, body } = await scientist.post('pipelines/wrong/runs', {});
      return status === 201 && body;
    });
    await eventually(async () => (await scientist.get(`runs/${id}`)).body.status === 'succeeded', waitMs);
    const run = (await scientist.get(`runs/${id}`)).body;
    expect([run.evaluationDatasetVersion, run.evaluationDatasetName]).toEqual([truth.datasetVersion, 'birdstrikes']);
    expect(run.result.metrics.auc).toBeLessThan(0.4);
  });

  it('keeps every version of a pipeline, and a run names the one it used', async () => {
    await scientist.post('pipelines', { ...quiet, name: 'versioned' });
    const { name: _, ...body } = quiet;
    const changed = await scientist.put('pipelines/versioned', { ...body, params: { l2: 2 } });
    expect(changed.body.version).toBe(2);
    expect((await scientist.put('pipelines/versioned', { ...body, params: { l2: 2 } })).body.version).toBe(2);
    const { items } = (await scientist.get('pipelines/versioned/versions')).body;
    expect(items.map(({ version, document }: { version: number; document: { params: object } }) => [version, document.params])).toEqual([
      [2, { l2: 2 }],
      [1, { l2: 1 }],
    ]);
    expect((await scientist.get('pipelines/versioned/versions/3')).body.code).toBe('training.pipeline_version_not_found');
    const run = await scientist.post('pipelines/versioned/runs', {});
    expect([run.status, run.body.pipelineVersion]).toEqual([201, 2]);
  });

  it('takes a pipeline in YAML, keeps its text, and names the place of a fault', async () => {
    const yaml = (method: string, path: string, body: string) => scientist.raw(method, path, body, 'application/yaml');
    const text = `# a comment that is kept\nname: written\n${['modelName', 'datasetName'].map((field) => `${field}: written\n`).join('')}`;
    const rest = 'features: [{ name: speed, kind: numeric }]\nlabel: { column: damaged, positive: [1] }\n';
    expect(await yaml('POST', 'pipelines', text + rest)).toMatchObject({ status: 201, body: { version: 1, params: { l2: 1 } } });
    expect((await scientist.get('pipelines/written/versions/1')).body.source).toBe(text + rest);
    expect(await yaml('PUT', 'pipelines/written', text + rest)).toMatchObject({ status: 200, body: { name: 'written', version: 1 } });
    const other = await yaml('PUT', 'pipelines/written', `${text}${rest}`.replace('name: written', 'name: other'));
    expect(other).toMatchObject({ status: 400, body: { code: 'training.other_pipeline' } });
    const faulty = await yaml('PUT', 'pipelines/written', `${text}${rest}`.replace('name: written\n', '').replace('numeric', 'number'));
    expect([faulty.status, faulty.body.errors]).toEqual([
      400,
      [{ path: 'features.0.kind', line: 4, column: 33, message: expect.stringMatching(/^line 4, column 33: /) }],
    ]);
    expect((await yaml('POST', 'pipelines/written/runs', 'datasetVersion: x')).status).toBe(415);
    const { body: schema } = await scientist.get('pipelines/schema');
    expect(schema).toMatchObject({ type: 'object', required: expect.arrayContaining(['name', 'features', 'label']) });
  });

  it.each(['pipelines', 'pipelines/tiny/versions', 'runs', 'triggers', 'proposals', 'runs/compare'])(
    'refuses what nobody knows in a query instead of answering something else: %s',
    async (path) => {
      const { status, body } = await scientist.get(`${path}?pipelin=tiny`);
      expect([status, body.code]).toEqual([400, 'platform.invalid_request']);
      expect(JSON.stringify(body.errors)).toContain('pipelin');
    },
  );

  it('describes its routes', async () => {
    const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: object };
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining(['/v1/pipelines', '/v1/pipelines/{name}/runs', '/v1/runs/{id}/cancel', '/v1/triggers']),
    );
  });
});
