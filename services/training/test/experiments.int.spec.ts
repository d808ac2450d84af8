import { createHash, createPublicKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { datasetPublished } from '@bascule/contracts';
import { verifyProvenance } from '@bascule/proofs';
import { eventually, temporaryFolder } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { features, inYears, readBirdstrikes } from './birdstrikes.js';
import { linearOnnx } from './linear-onnx.js';
import { clientOf, pipeline, startTraining, type Training } from './start-training.js';
import { storeDataset } from './store-dataset.js';

const claims = inYears(readBirdstrikes(), 1990, 1994);
const waitMs = { timeoutMs: 60_000 };
const program = new URL('./trainers/trainer.mjs', import.meta.url).pathname;

describe('experiments', () => {
  let training: Training;
  let url: string;
  let key: string;
  let api: ReturnType<typeof clientOf>;
  const runs: Record<string, string> = {};

  beforeAll(async () => {
    const folder = temporaryFolder('experiments');
    const model = join(folder, 'model.onnx');
    writeFileSync(model, linearOnnx(features, claims));
    const programs = { leaves: { command: [process.execPath, program, 'leaves'], environment: { MODEL: model } } };
    writeFileSync(join(folder, 'trainers.yaml'), JSON.stringify(programs));
    training = await startTraining();
    ({ url } = await training.start({ TRAINERS_FILE: join(folder, 'trainers.yaml') }));
    key = await training.key(['scientist']);
    api = clientOf(url, key);
    await eventually(async () => (await api.get('pipelines')).status === 200);
    await training.publish(datasetPublished, await storeDataset(training.objects, claims));
    await eventually(async () => (await training.query('select 1 from dataset_versions')).length === 1);
    const make = async (name: string, more: object, request: object = {}) => {
      const body = { ...pipeline, name, modelName: 'claims', triggers: { onFirstDataset: false }, ...more };
      expect((await api.post('pipelines', body)).status).toBe(201);
      runs[name] = (await api.post(`pipelines/${name}/runs`, request)).body.runId;
    };
    await make('weak', { params: { l2: 1000 } }, { tags: { team: 'blue', round: '1' }, note: 'a first try' });
    await make('strong', { params: { l2: 1 } }, { tags: { team: 'red', round: '1' } });
    await make('none', { trainer: 'prior', params: {} });
    await make('left', { trainer: 'leaves', params: {} });
    await eventually(async () => (await api.get('runs?status=succeeded')).body.items.length === 4, waitMs);
  });
  afterAll(() => training.stop());

  const found = async (query: string): Promise<string[]> => {
    const { status, body } = await api.get(`runs?${query}`);
    expect([status, body.detail]).toEqual([200, undefined]);
    return body.items.map(({ pipelineName }: { pipelineName: string }) => pipelineName);
  };
  const filter = (...texts: string[]) => texts.map((text) => `filter=${encodeURIComponent(text)}`).join('&');

  it('are found by what they reached, by what they had, and by their tags', async () => {
    expect(await found(filter('metric.auc>0.6'))).toEqual(expect.arrayContaining(['weak', 'strong']));
    expect(await found(filter('param.l2>=1000'))).toEqual(['weak']);
    expect(await found(filter('param.trainer=prior'))).toEqual(['none']);
    expect(await found(filter('param.trainer!=prior', 'tag.team!=blue'))).toEqual(['strong']);
    expect(await found(filter('metric.auc>0.6', 'tag.team=red', 'param.l2<2'))).toEqual(['strong']);
    expect(await found(filter('metric.happiness>0'))).toEqual([]);
  });

  it('come in the order of a number, page by page', async () => {
    const best = await api.get('runs?sort=-metric.auc&limit=3');
    const rest = await api.get(`runs?sort=-metric.auc&limit=3&cursor=${best.body.nextCursor}`);
    const all = [...best.body.items, ...rest.body.items];
    const aucs = all.map(({ result }) => result.metrics.auc);
    expect(aucs).toEqual([...aucs].sort((a, b) => b - a));
    expect(new Set(all.map(({ runId }) => runId)).size).toBe(4);
    expect(rest.body.nextCursor).toBeNull();
    expect((await found('sort=param.l2')).slice(0, 2)).toEqual(['strong', 'weak']);
  });

  it('say what is wrong with a filter or an order', async () => {
    const { status, body } = await api.get(`runs?${filter('auc>1')}&sort=auc`);
    expect(status).toBe(400);
    expect(body.errors.map(({ path }: { path: string }) => path.split('.')[0])).toEqual(['filter', 'sort']);
  });

  it('carry tags and a note that people change', async () => {
    const { body } = await api.patch(`runs/${runs['weak']}`, { tags: { team: null, seen: 'yes' }, note: 'too little weight' });
    expect(body).toMatchObject({ tags: { round: '1', seen: 'yes' }, note: 'too little weight' });
    expect(await found(filter('tag.seen=yes'))).toEqual(['weak']);
    expect(await found(filter('tag.team=blue'))).toEqual([]);
    expect((await api.patch(`runs/${runs['weak']}`, { tags: { 'a b': 'x' } })).status).toBe(400);
    const auditor = clientOf(url, await training.key(['auditor']));
    await eventually(async () => (await auditor.get('pipelines')).status === 200);
    expect((await auditor.patch(`runs/${runs['weak']}`, { note: 'x' })).status).toBe(403);
  });

  it('stand side by side, what differs first', async () => {
    const { body } = await api.get(`runs/compare?ids=${runs['weak']},${runs['strong']}`);
    const row = (kind: string, name: string) =>
      body.rows.find((one: { kind: string; name: string }) => one.kind === kind && one.name === name);
    expect(row('param', 'l2')).toMatchObject({ values: [1000, 1], isSame: false });
    expect(row('fact', 'datasetVersion').isSame).toBe(true);
    expect(row('metric', 'auc').values[0]).toBeLessThan(row('metric', 'auc').values[1]);
    const firstSame = body.rows.findIndex(({ isSame }: { isSame: boolean }) => isSame);
    expect(body.rows.slice(firstSame).every(({ isSame }: { isSame: boolean }) => isSame)).toBe(true);
    expect((await api.get(`runs/compare?ids=${runs['weak']}`)).status).toBe(400);
    const narrow = clientOf(url, await training.key(['scientist'], ['other-*']));
    await eventually(async () => (await narrow.get('pipelines')).status === 200);
    expect((await narrow.get(`runs/compare?ids=${runs['weak']},${runs['strong']}`)).body.code).toBe('access.model_not_allowed');
  });

  it('show the steps of a program, and those that there was nothing to do for', async () => {
    const { items } = (await api.get(`runs/${runs['left']}/steps`)).body;
    const statusOf = (name: string) => items.find((step: { name: string }) => step.name === name).status;
    expect([statusOf('train'), statusOf('trials'), statusOf('register')]).toEqual(['done', 'skipped', 'done']);
  });

  it('have curves of what was measured', async () => {
    const { items } = (await api.get(`runs/${runs['left']}/metrics`)).body;
    expect(items).toEqual([{ name: 'loss', points: [1, 0.5, 1 / 3].map((value, step) => ({ step, value, at: expect.any(String) })) }]);
  });

  it('keep the files a trainer left, and leave out what is no file', async () => {
    const run = (await api.get(`runs/${runs['left']}`)).body;
    const { items } = (await api.get(`runs/${runs['left']}/artifacts`)).body;
    expect(items.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining(['model.onnx', 'profile.json', 'provenance.json', 'notes.txt']),
    );
    expect(items.some(({ name }: { name: string }) => name === 'passwd')).toBe(false);
    expect(run.reason).toContain("1 entries of the trainer's folder artifacts were not kept");
    const read = async (name: string) =>
      fetch(`${url}/v1/runs/${run.runId}/artifacts/${name}`, { headers: { authorization: `Bearer ${key}` } });
    expect(await (await read('notes.txt')).text()).toBe('what I saw');
    const model = Buffer.from(await (await read('model.onnx')).arrayBuffer());
    expect(createHash('sha256').update(model).digest('hex')).toBe(run.result.artifactDigest);
    expect((await read('absent.txt')).status).toBe(404);
  });

  it('are signed with what they were made from', async () => {
    const { result, datasetVersion } = (await api.get(`runs/${runs['strong']}`)).body;
    const envelope = JSON.stringify((await api.get(`runs/${runs['strong']}/provenance`)).body);
    const { items } = (await api.get('provenance/keys')).body;
    const verdict = verifyProvenance(
      envelope,
      items.map(({ publicKey }: { publicKey: string }) => createPublicKey(publicKey)),
    );
    expect(verdict).toMatchObject({
      ok: true,
      provenance: {
        subjects: [{ name: 'model.onnx', digest: result.artifactDigest }],
        externalParameters: { trainer: 'logistic-regression', params: { l2: 1 }, pipeline: { name: 'strong', version: 1 } },
        dependencies: [
          { name: 'dataset:birdstrikes', digest: datasetVersion, annotations: { contract: { name: 'birdstrikes', version: 1 } } },
          { name: 'training-code', digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
        ],
        invocationId: runs['strong'],
      },
    });
    const { data } = await eventually(
      () => training.events('training.run.succeeded.v1').find((event) => event.data['runId'] === runs['strong']) ?? false,
    );
    expect(data).toMatchObject({ provenanceDigest: result.provenanceDigest, contract: { name: 'birdstrikes', version: 1 } });
    expect(
      createHash('sha256')
        .update(await training.objects.get(result.provenanceDigest))
        .digest('hex'),
    ).toBe(result.provenanceDigest);
  });
});

describe('a hundred thousand runs', () => {
  it('are listed, looked up and put in order page by page, and nobody sees what is not theirs', async () => {
    const training = await startTraining();
    try {
      const { url } = await training.start({ RUN_POLL_MS: '600000' });
      const api = clientOf(url, await training.key(['scientist'], ['claims-*']));
      await eventually(async () => (await api.get('pipelines')).status === 200);
      await training.query(`
        insert into pipelines (name, model_name, dataset_name, trainer, features, label, params, split, triggers, created_by, created_at, updated_at)
        select 'p' || n, case when n = 0 then 'secret' else 'claims-' || n end, 'birdstrikes', 'prior', '[]', '{}', '{}', '{}', '{}', 'x', now(), now()
        from generate_series(0, 9) n`);
      await training.query(`
        insert into runs (id, pipeline_name, model_name, dataset_name, dataset_version, evaluation_dataset_version, recipe, status, attempt, failures,
          requested_by, available_at, last_event_id, correlation_id, requested_at, finished_at, result)
        select ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'p' || n % 10,
          case when n % 10 = 0 then 'secret' else 'claims-' || n % 10 end, 'birdstrikes', repeat('a', 64), repeat('a', 64),
          '{"trainer":"prior","features":[],"label":{},"params":{},"split":{},"excludedWindows":[]}', case when n % 997 = 1 then 'failed' else 'succeeded' end,
          1, 0, 'x', now(), gen_random_uuid(), gen_random_uuid(), now(), now(), null
        from generate_series(1, 100000) n`);
      await training.query(`
        insert into run_values (run_id, kind, name, number, pipeline_name, model_name)
        select id, kind, name, ('x' || right(id::text, 6))::bit(24)::int % 10007 / 10007.0, pipeline_name, model_name
        from runs, (values ('metric', 'auc'), ('metric', 'logLoss'), ('param', 'l2')) named (kind, name)`);
      await training.query('analyze');
      const read = async (query: string) => {
        const { status, body } = await api.get(`runs?${query}`);
        expect([status, body.detail]).toEqual([200, undefined]);
        return body;
      };
      const first = await read('limit=100');
      const second = await read(`limit=100&cursor=${first.nextCursor}`);
      const ids = [...first.items, ...second.items].map(({ runId }) => runId);
      expect(ids).toEqual([...new Set(ids)].sort().reverse());
      expect([...first.items, ...second.items].some(({ modelName }) => modelName === 'secret')).toBe(false);
      const top = await read('sort=-metric.auc&limit=50&filter=param.l2%3E0.5');
      const auc = await training.query(
        `select number from run_values join runs on id = run_id where kind = 'metric' and name = 'auc' and runs.model_name <> 'secret' order by number desc limit 1`,
      );
      expect(top.items).toHaveLength(50);
      const [{ number: best }] = (await training.query(`select number from run_values where run_id = $1 and name = 'auc'`, [
        top.items[0].runId,
      ])) as [{ number: number }];
      expect(best).toBe(auc[0]!['number']);
      expect((await read('status=failed&limit=200')).items.length).toBeGreaterThan(50);
      // few runs, looked up by what only they have: those of others stay out of sight
      const rare = await read('limit=500&filter=metric.auc%3E=0.999');
      const [{ count }] = (await training.query(
        `select count(*)::int from run_values join runs on id = run_id where kind = 'metric' and name = 'auc' and number >= 0.999 and runs.model_name <> 'secret'`,
      )) as [{ count: number }];
      expect(rare.items.map(({ runId }: { runId: string }) => runId)).toEqual(
        [...rare.items.map(({ runId }: { runId: string }) => runId)].sort().reverse(),
      );
      expect(rare.items).toHaveLength(count);
      expect((await read('filter=metric.auc%3E=2')).items).toEqual([]);
      const two = await read('limit=2&sort=-metric.auc&filter=metric.auc%3E=0.999&status=succeeded');
      const next = await read(`limit=2&sort=-metric.auc&filter=metric.auc%3E=0.999&status=succeeded&cursor=${two.nextCursor}`);
      expect(new Set([...two.items, ...next.items].map(({ runId }: { runId: string }) => runId)).size).toBe(4);
      for (const query of ['pipeline=p3', 'model=claims-3']) {
        const ordered = await read(`limit=3&sort=-metric.auc&${query}`);
        const values = await training.query(
          `select run_id from run_values where kind = 'metric' and name = 'auc' and pipeline_name = 'p3' order by number desc, run_id desc limit 3`,
        );
        expect(ordered.items.map(({ runId }: { runId: string }) => runId)).toEqual(values.map(({ run_id }) => run_id));
      }
      const failed = await read('limit=3&model=claims-7&status=failed');
      expect(failed.items.every(({ pipelineName, status }: Record<string, string>) => pipelineName === 'p7' && status === 'failed')).toBe(
        true,
      );
      expect(failed.items).toHaveLength(3);
      const nobody = clientOf(url, await training.key(['scientist'], ['nothing-*']));
      expect(
        (
          await eventually(async () => {
            const answer = await nobody.get('runs?sort=-metric.auc');
            return answer.status === 200 && answer;
          })
        ).body.items,
      ).toEqual([]);
    } finally {
      await training.stop();
    }
  });
});
