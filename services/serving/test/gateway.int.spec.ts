import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { eventually, temporaryFolder } from '@bascule/testing';
import { absent, referencePath } from '@bascule/testing/reference-data';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { ModelHostService } from '../src/runtime/model-host.service.js';
import { spawnGateway } from './gateway-process.js';
import { countingModel, countingSignature, scaleModel, scaleSignature } from './onnx-models.js';
import { call, captured, type Running, ready, type ServingStack, servingStack } from './serving-stack.js';

const hostile = 'data/onnx/hostile';
const body = (value: number, parameters = {}) => ({ parameters, inputs: [{ name: 'x', shape: [1, 1], datatype: 'FP32', data: [value] }] });

describe('a gateway', () => {
  let stack: ServingStack;
  let gateway: Running;
  let client: string;
  const infer = async (model: string, value = 1, parameters = {}) =>
    call(`${gateway.url}/v2/models/${model}/infer`, client, { body: body(value, parameters) });

  async function events(subject: string) {
    const { streams } = stack.connection.jsm;
    const message = await streams.getMessage('SERVING', { last_by_subj: subject });
    return message ? (message.json() as Record<string, unknown>) : undefined;
  }

  beforeAll(async () => {
    stack = await servingStack();
    client = await stack.key(['client']);
    gateway = await stack.start({ MODEL_DEADLINE_MS: '700' });
  });
  afterAll(() => stack?.stop());

  it('announces what it loaded and keeps the former entry until the new one can answer', async () => {
    const first = await stack.version(1, scaleModel(2), scaleSignature, { percent: 100, role: 'champion' });
    await stack.route('swap', 1, [first]);
    await eventually(async () => (await infer('swap')).status === 200);
    const missing = { ...first, version: 2, artifactDigest: 'f'.repeat(64) };
    await stack.route('swap', 2, [missing]);
    const refusal = await eventually(async () => (await events('serving.model.load-refused.v1')) ?? false);
    assert.equal(refusal['version'], 2);
    assert.equal((await infer('swap')).body.model_version, '1');
    await stack.route('swap', 3, [{ ...(await stack.version(3, scaleModel(3), scaleSignature, { percent: 100, role: 'champion' })) }]);
    await eventually(async () => (await infer('swap')).body.model_version === '3');
    await eventually(async () => assert.equal((await events('serving.model.loaded.v1'))?.['version'], 3));
  });

  it('refuses bytes that are not the approved ones and says so', async () => {
    const version = await stack.version(1, scaleModel(5), scaleSignature, { percent: 100, role: 'champion' });
    const path = stack.objects.path(version.artifactDigest);
    const bytes = readFileSync(path);
    bytes[bytes.length - 3] = (bytes[bytes.length - 3] as number) ^ 1;
    writeFileSync(path, bytes, { flag: 'r+' });
    await stack.route('tampered', 1, [version]);
    const refusal = await eventually(async () => {
      const event = await events('serving.model.load-refused.v1');
      return event?.['modelName'] === 'tampered' && event;
    });
    assert.match(String((refusal as unknown as { reasons: string[] }).reasons[0]), /tampered/);
    assert.equal((await infer('tampered')).status, 503);
  });

  it('splits traffic by routing key: a client stays with its version', async () => {
    const versions = [
      await stack.version(1, scaleModel(2), scaleSignature, { percent: 70, role: 'champion' }),
      await stack.version(2, scaleModel(3), scaleSignature, { percent: 30, role: 'challenger' }),
    ];
    await stack.route('split', 1, versions, '01890000-0000-7000-8000-000000000001');
    await eventually(async () => (await infer('split')).status === 200);
    // a busy machine may turn some away, who come again
    const ask = (_: unknown, index: number) =>
      eventually(async () => {
        const answer = await infer('split', 1, { routing_key: `client-${index}` });
        return answer.status === 200 && answer;
      });
    const seen = await Promise.all(Array.from({ length: 200 }, ask));
    const again = await Promise.all(Array.from({ length: 200 }, ask));
    assert.deepEqual(
      seen.map(({ body: { model_version: version } }) => version),
      again.map(({ body: { model_version: version } }) => version),
    );
    const challenged = seen.filter(({ body: { model_version: version } }) => version === '2').length;
    assert.ok(challenged > 35 && challenged < 85, `${challenged} of 200`);
  });

  it('describes a version by the role it has now, not by the one it was loaded with', async () => {
    const version = await stack.version(1, scaleModel(2), scaleSignature, { percent: 10, role: 'challenger' });
    const role = async () => (await call(`${gateway.url}/v2/models/promoted/versions/1`, client)).body.parameters?.role;
    await stack.route('promoted', 1, [version]);
    await eventually(async () => (await role()) === 'challenger');
    await stack.route('promoted', 2, [{ ...version, percent: 100, role: 'champion' }]);
    await eventually(async () => (await role()) === 'champion');
  });

  it('captures each answered row with its inputs, outputs, model and ids', async () => {
    const answer = await infer('swap', 7, { client_record_id: 'claim-7', occurred_at: '1999-05-06T07:08:09Z' });
    const id = answer.body.parameters.prediction_id;
    const found = await eventually(async () => {
      for (const block of await captured(stack)) {
        const prediction = block.predictions.find(({ predictionId }) => predictionId === id);
        if (prediction) return { block, prediction };
      }
      return false as const;
    });
    assert.ok(found);
    assert.equal(found.prediction.clientRecordId, 'claim-7');
    assert.equal(found.prediction.occurredAtMs, BigInt(Date.parse('1999-05-06T07:08:09Z')));
    assert.deepEqual(found.prediction.inputs[0]?.kind, { case: 'number', value: 7 });
    assert.deepEqual(found.prediction.outputs[0]?.kind, { case: 'number', value: 21 });
    assert.equal(found.block.models[found.prediction.model]?.modelName, 'swap');
  });

  it('captures infinity as the model saw it, and a missing number as none', async () => {
    const cells = async (sent: string) => {
      const text = JSON.stringify(body(0)).replace('"data":[0]', `"data":[${sent}]`);
      const answer = await call(`${gateway.url}/v2/models/swap/infer`, client, { body: text });
      const id = answer.body.parameters.prediction_id;
      const found = await eventually(async () => {
        const rows = (await captured(stack)).flatMap(({ predictions }) => predictions);
        return rows.find(({ predictionId }) => predictionId === id) ?? false;
      });
      return [found.inputs[0]?.kind.value, found.outputs[0]?.kind.value];
    };
    assert.deepEqual(await cells('1e999'), [Infinity, Infinity]);
    assert.deepEqual(await cells('-1e999'), [-Infinity, -Infinity]);
    assert.deepEqual(await cells('null'), [undefined, undefined]);
  });

  it('answers on when its model process is killed', async () => {
    const host = gateway.app.get(ModelHostService, { strict: false });
    const before = host.pids;
    const answers = Promise.all(Array.from({ length: 50 }, (_, index) => infer('swap', index)));
    for (const pid of before) process.kill(pid, 'SIGKILL');
    assert.deepEqual(new Set((await answers).map(({ status }) => status)), new Set([200]));
    assert.equal((await infer('swap', 2)).body.outputs[0].data[0], 6);
    assert.ok(host.pids.every((pid) => !before.includes(pid)));
  });

  it('publishes what an ended process had written ahead, once', async () => {
    const spillDir = temporaryFolder('spill-ended');
    await stack.route('spilled', 1, [await stack.version(1, scaleModel(2), scaleSignature, { percent: 100, role: 'champion' })]);
    const child = await spawnGateway(stack, spillDir);
    await ready(child);
    const ids = [];
    for (let index = 0; index < 20; index++) {
      const answer = await call(`${child.url}/v2/models/spilled/infer`, client, { body: body(index) });
      ids.push(answer.body.parameters.prediction_id as string);
    }
    await child.kill();
    const heir = await stack.start({ SPILL_DIR: spillDir });
    await ready(heir);
    await eventually(async () => {
      const seen = (await captured(stack)).flatMap(({ predictions }) => predictions.map(({ predictionId }) => predictionId));
      assert.deepEqual(
        ids.filter((id) => seen.filter((other) => other === id).length !== 1),
        [],
      );
    });
  });

  it('takes ground truth once when it is sent again with the same Idempotency-Key', async () => {
    const items = [{ clientRecordId: 'claim-7', label: 1, occurredAt: '1999-06-01T00:00:00Z', source: 'settlement' }];
    const send = () =>
      call(`${gateway.url}/v1/models/swap/ground-truth`, client, { body: { items }, headers: { 'idempotency-key': 'k-1' } });
    const first = await send();
    assert.equal(first.status, 202);
    assert.equal((await send()).body.submissionId, first.body.submissionId);
    const { state } = await stack.connection.jsm.streams.info('SERVING', { subjects_filter: 'serving.ground-truth.received.v1' });
    assert.equal(state.subjects?.['serving.ground-truth.received.v1'], 1);
  });

  it('refuses ground truth that names no prediction', async () => {
    const items = [{ label: 1, occurredAt: '1999-06-01T00:00:00Z', source: 'settlement' }];
    assert.equal((await call(`${gateway.url}/v1/models/swap/ground-truth`, client, { body: { items } })).status, 400);
  });

  it.each([
    ['ground-truth', { source: 'a\0b' }],
    ['ground-truth', { source: 'a\ud800' }],
    ['ground-truth', { occurredAt: '9999-01-01T00:00:00Z' }],
    ['ground-truth', { occurredAt: '0000-01-01T00:00:00Z' }],
    ['decisions', { reason: 'a\0b' }],
    ['decisions', { decidedAt: '9999-01-01T00:00:00Z' }],
  ])('refuses %s that nobody could store or correct, naming the field: %j', async (path, change) => {
    const sound =
      path === 'decisions'
        ? { clientRecordId: 'claim-7', outcome: 'inspect', ruleVersion: 'r1', decidedAt: '1999-06-01T00:00:00Z' }
        : { clientRecordId: 'claim-7', label: 1, occurredAt: '1999-06-01T00:00:00Z', source: 'settlement' };
    const send = (item: object) => call(`${gateway.url}/v1/models/swap/${path}`, client, { body: { items: [item] } });
    const { status, body } = await send({ ...sound, ...change });
    assert.equal(status, 400);
    assert.equal(body.errors[0].path, `items.0.${Object.keys(change)[0]}`);
    assert.equal((await send(sound)).status, 202);
  });

  it('kills a run that does not end, answers it 504 and serves the others on', async () => {
    await stack.route('count', 1, [await stack.version(1, countingModel(), countingSignature, { percent: 100, role: 'champion' })]);
    const count = (to: number) =>
      call(`${gateway.url}/v2/models/count/infer`, client, { body: { inputs: [{ name: 'n', shape: [], datatype: 'INT64', data: [to] }] } });
    await eventually(async () => (await count(3)).body.outputs?.[0].data[0] === 3);
    const endless = count(2 ** 50);
    const others = await Promise.all(Array.from({ length: 20 }, (_, index) => infer('swap', index)));
    assert.deepEqual(new Set(others.map(({ status }) => status)), new Set([200]));
    const answer = await endless;
    assert.equal(answer.status, 504);
    assert.equal(answer.body.code, 'serving.inference_timed_out');
    assert.equal((await count(4)).body.outputs[0].data[0], 4);
  });

  it.skipIf(absent(hostile))(`refuses every broken model file with a reason and serves the others on${absent(hostile)}`, async () => {
    const index = JSON.parse(readFileSync(referencePath(`${hostile}/index.json`), 'utf8')) as { file: string; bytes: number }[];
    const files = index.filter(({ file, bytes }) => file.endsWith('.onnx') && bytes > 0 && bytes < 1_000_000);
    for (const [position, { file }] of files.entries()) {
      const bytes = readFileSync(referencePath(`${hostile}/${file}`));
      await stack.route(`hostile-${position}`, 1, [await stack.version(1, bytes, scaleSignature, { percent: 100, role: 'champion' })]);
    }
    await eventually(
      async () => {
        const { body: index } = await call(`${gateway.url}/v2/repository/index`, client, { body: {} });
        const states = (index as { name: string; state: string }[])
          .filter(({ name }) => name.startsWith('hostile-'))
          .map(({ state }) => state);
        assert.deepEqual(
          states,
          files.map(() => 'UNAVAILABLE'),
        );
      },
      { timeoutMs: 90_000 },
    );
    assert.equal((await infer('swap', 2)).status, 200);
  });
});
