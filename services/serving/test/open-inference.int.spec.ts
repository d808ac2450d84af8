import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type LoadTestFinished, loadTestRequested } from '@bascule/contracts';
import { Publisher } from '@bascule/messaging';
import { eventually, openBodies } from '@bascule/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { scaleModel, scaleSignature } from './onnx-models.js';
import { call, captured, type Running, ready, type ServingStack, servingStack } from './serving-stack.js';

describe('the Open Inference Protocol over HTTP', () => {
  let stack: ServingStack;
  let gateway: Running;
  let client: string;

  beforeAll(async () => {
    stack = await servingStack();
    client = await stack.key(['client']);
    await stack.route('scale', 1, [await stack.version(1, scaleModel(2), scaleSignature, { percent: 100, role: 'champion' })]);
    gateway = await stack.start({ AVAILABILITY_EVERY_MS: '100' });
    await ready(gateway);
  });
  afterAll(() => stack?.stop());

  const infer = (body: unknown, headers?: Record<string, string>) =>
    call(`${gateway.url}/v2/models/scale/infer`, client, { body, ...(headers ? { headers } : {}) });
  const x = (data: unknown, shape = [1, 1], datatype = 'FP32') => ({ inputs: [{ name: 'x', shape, datatype, data }] });

  it('answers with outputs, version and a prediction id per row', async () => {
    const { status, body, headers } = await infer({ id: 'r-1', ...x([1.5, 2], [2, 1]) });
    assert.equal(status, 200);
    assert.equal(body.id, 'r-1');
    assert.equal(body.model_version, '1');
    assert.equal(headers.get('x-bascule-model-version'), '1');
    assert.deepEqual(body.outputs, [{ name: 'y', datatype: 'FP32', shape: [2, 1], data: [3, 4] }]);
    assert.equal(body.parameters.prediction_id.split(',').length, 2);
  });

  it('takes null as a missing number and answers NaN as null', async () => {
    const { body } = await infer(x([null]));
    assert.deepEqual(body.outputs[0].data, [null]);
  });

  it('answers requests of one turn in one run, each with its own rows', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => infer(x([index]))));
    assert.deepEqual(
      answers.map(({ body }) => body.outputs[0].data[0]),
      Array.from({ length: 40 }, (_, index) => index * 2),
    );
  });

  it.each([
    ['a missing input', { inputs: [{ name: 'z', shape: [1, 1], datatype: 'FP32', data: [1] }] }, /input "x" is missing/],
    ['another datatype', x([1], [1, 1], 'FP64'), /input "x" is FP64, the model takes FP32/],
    ['another shape', x([1, 2], [1, 2]), /input "x" has shape \[1, 2\]/],
    ['too few elements', x([1], [2, 1]), /input "x": data has 1 elements/],
    ['text for a number', x(['a']), /input "x": element 0 is "a"/],
    ['an unknown output', { ...x([1]), outputs: [{ name: 'nope' }] }, /output "nope"/],
    ['no inputs', {}, /inputs must be a list/],
    ['a negative length', x([1], [-1, 1]), /input "x": shape/],
    ['an id that is too long', { id: 'i'.repeat(201), ...x([1]) }, /^id is longer than 200/],
    ['an id with a NUL', { id: 'a\0', ...x([1]) }, /^id holds a NUL/],
    ['a record id with a NUL', { ...x([1]), parameters: { client_record_id: 'bad\0id' } }, /client_record_id holds a NUL/],
    ['a record id with half a character', { ...x([1]), parameters: { client_record_id: 'bad\ud800' } }, /client_record_id holds half/],
    ['a routing key with a NUL', { ...x([1]), parameters: { routing_key: '\0' } }, /routing_key holds a NUL/],
    ['a time in the year 1', { ...x([1]), parameters: { occurred_at: '0001-01-01T00:00:00Z' } }, /occurred_at must lie between/],
    ['a time in the year 9999', { ...x([1]), parameters: { occurred_at: '9999-01-01T00:00:00Z' } }, /occurred_at must lie between/],
    ['a time without a zone', { ...x([1]), parameters: { occurred_at: '2002-01-01' } }, /occurred_at/],
  ])('refuses %s with 400 and a reason that names it', async (_case, body, reason) => {
    const answer = await infer(body);
    assert.equal(answer.status, 400);
    assert.match(answer.body.error, reason);
    assert.equal(answer.body.code, 'serving.invalid_inference');
    assert.equal(answer.headers.get('content-type'), 'application/problem+json; charset=utf-8');
  });

  it('answers 400 to a body that is not JSON', async () => {
    const { status, body } = await infer('{"inputs": [');
    assert.equal(status, 400);
    assert.equal(typeof body.error, 'string');
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/octet-stream'])(
    'answers 415 to a body sent as %s',
    async (contentType) => {
      const { status, body } = await infer(x([1]), { 'content-type': contentType });
      assert.deepEqual({ status, code: body.code }, { status: 415, code: 'platform.unsupported_media_type' });
      assert.equal(typeof body.error, 'string');
    },
  );

  it('takes JSON under the names it has', async () => {
    assert.equal((await infer(x([1]), { 'content-type': 'Application/JSON; charset=utf-8' })).status, 200);
  });

  it.each([
    ['ground-truth', '{"items": [', 'platform.malformed_json'],
    ['decisions', `${'['.repeat(40)}${']'.repeat(40)}`, 'platform.json_too_deep'],
  ])('answers 400 to a body of %s that cannot be read: %s', async (path, text, code) => {
    const { status, body, headers } = await call(`${gateway.url}/v1/models/scale/${path}`, client, { body: text });
    assert.deepEqual({ status, code: body.code }, { status: 400, code });
    assert.equal(headers.get('content-type'), 'application/problem+json; charset=utf-8');
  });

  it('lets nobody in without a key, and no key to a model outside its patterns', async () => {
    const anonymous = await fetch(`${gateway.url}/v2/models/scale/infer`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    assert.equal(anonymous.status, 401);
    const other = await stack.key(['client'], ['fraud-*']);
    const answered = () => call(`${gateway.url}/v2/models/scale/infer`, other, { body: x([1]) });
    await eventually(async () => (await answered()).status === 403);
  });

  it('lets an operator pin a version and refuses that to a client', async () => {
    const operator = await stack.key(['operator']);
    const pin = { 'x-bascule-model-version': '1' };
    await eventually(
      async () => (await call(`${gateway.url}/v2/models/scale/infer`, operator, { body: x([1]), headers: pin })).status === 200,
    );
    assert.equal((await infer(x([1]), pin)).status, 403);
    assert.equal(
      (await call(`${gateway.url}/v2/models/scale/infer`, operator, { body: x([1]), headers: { 'x-bascule-model-version': '9' } })).status,
      404,
    );
  });

  it('describes its routes beside those of the service', async () => {
    const document = (await (await fetch(`${gateway.url}/openapi.json`)).json()) as { paths: Record<string, unknown> };
    type Operation = { parameters?: { in: string; name: string }[] };
    for (const path of ['/v2/models/{model}/infer', '/v1/models/{model}/ground-truth', '/v1/models/{model}/decisions']) {
      const { parameters = [] } = (document.paths[path] as { post?: Operation } | undefined)?.post ?? {};
      assert.ok(
        parameters.some((parameter) => parameter.in === 'header' && parameter.name === 'Idempotency-Key'),
        path,
      );
    }
    const { post } = document.paths['/v2/models/{model}/infer'] as { post: { requestBody: { content: object } } };
    assert.deepEqual(Object.keys(post.requestBody.content), ['application/json', 'application/octet-stream']);
    const steering = openBodies(document).filter((place) => /^\w+ \/v1\/(rollouts|endpoints)/.test(place));
    assert.deepEqual(steering, []);
  });

  it('continues the trace of its caller in the record, and takes no other text for one', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const recorded = async (sent: string) => {
      const { body } = await infer(x([1]), { traceparent: sent, 'x-request-id': 'order-1' });
      const found = await eventually(async () => {
        const rows = (await captured(stack)).flatMap(({ predictions }) => predictions);
        return rows.find(({ predictionId }) => predictionId === body.parameters.prediction_id) ?? false;
      });
      return found ? [found.requestId, found.traceparent] : [];
    };
    assert.deepEqual(await recorded(traceparent), ['order-1', traceparent]);
    assert.deepEqual(await recorded(`${traceparent}-and-more`), ['order-1', '']);
  });

  it('answers an empty batch with empty outputs', async () => {
    const { status, body } = await infer(x([], [0, 1]));
    assert.equal(status, 200, body.error);
    assert.deepEqual(body.outputs, [{ name: 'y', datatype: 'FP32', shape: [0, 1], data: [] }]);
    assert.equal(body.parameters.prediction_id, '');
  });

  it('takes parameters of the request, of inputs and of outputs', async () => {
    const [input] = x([2]).inputs;
    const parameters = { text: 'a', number: 1.5, flag: true };
    const { status, body } = await infer({ parameters, inputs: [{ ...input, parameters }], outputs: [{ name: 'y', parameters }] });
    assert.equal(status, 200, body.error);
    assert.deepEqual(body.outputs[0].data, [4]);
  });

  it('lists what is served', async () => {
    const { body } = await call(`${gateway.url}/v2/repository/index`, client, { body: {} });
    assert.deepEqual(body, [{ name: 'scale', version: '1', state: 'READY', reason: '' }]);
    assert.deepEqual((await call(`${gateway.url}/v2/repository/index`, client, { body: { ready: true } })).body, body);
    assert.equal((await call(`${gateway.url}/v2/repository/index`, client, { body: { ready: 'yes' } })).status, 400);
  });

  it('lets only an operator ask a version that takes no traffic', async () => {
    await stack.route('shadowed', 1, [
      await stack.version(1, scaleModel(2), scaleSignature, { percent: 100, role: 'champion' }),
      await stack.version(2, scaleModel(3), scaleSignature, { percent: 0, role: 'shadow' }),
    ]);
    const operator = await stack.key(['operator']);
    const ask = (version: number, key: string) =>
      call(`${gateway.url}/v2/models/shadowed/versions/${version}/infer`, key, { body: x([1]) });
    await eventually(async () => (await ask(2, operator)).status === 200);
    assert.equal((await ask(1, client)).status, 200);
    const { status, body } = await ask(2, client);
    assert.deepEqual([status, body.code], [403, 'serving.pin_forbidden']);
  });

  it('tells how many requests of an endpoint it answered and failed; what a client got wrong is in neither number', async () => {
    const counted = new Map<string, { requests: number; failed: number }>();
    const heard = stack.connection.nc.subscribe('serving.availability.measured.v1', {
      callback: (_, message) => {
        const { modelName, requestCount, failedCount } = message.json<{ modelName: string; requestCount: number; failedCount: number }>();
        const known = counted.get(modelName) ?? { requests: 0, failed: 0 };
        counted.set(modelName, { requests: known.requests + requestCount, failed: known.failed + failedCount });
      },
    });
    const good = await stack.version(1, scaleModel(2), scaleSignature, { percent: 100, role: 'champion' });
    await stack.route('counted', 1, [good]);
    await stack.route('missing', 1, [{ ...good, artifactDigest: 'f'.repeat(64) }]);
    const ask = (model: string, data: unknown) => call(`${gateway.url}/v2/models/${model}/infer`, client, { body: x(data) });
    await eventually(async () => (await ask('counted', [1])).status === 200);
    const asked = { answered: 1, failed: 0 };
    for (const data of [[1], [2], ['a']]) if ((await ask('counted', data)).status === 200) asked.answered++;
    for (const model of ['missing', 'missing', 'nobody']) if ((await ask(model, [1])).status === 503) asked.failed++;
    const records = { records: [{ features: { x: 1 } }] };
    if ((await call(`${gateway.url}/v1/models/counted/predict`, client, { body: records })).status === 200) asked.answered++;
    assert.deepEqual(asked, { answered: 4, failed: 2 });
    // asked before it was loaded, it failed
    await eventually(() => assert.equal((counted.get('counted')?.requests ?? 0) - (counted.get('counted')?.failed ?? 0), 4));
    await eventually(() => assert.deepEqual(counted.get('missing'), { requests: 2, failed: 2 }));
    assert.equal(counted.has('nobody'), false);
    heard.unsubscribe();
  });

  it('puts a version under load through a door of its own, and records nothing of it', async () => {
    const finished = new Map<string, LoadTestFinished['data']>();
    const heard = stack.connection.nc.subscribe('serving.load-test.finished.v1', {
      callback: (_, message) => {
        const data = message.json<LoadTestFinished['data']>();
        finished.set(data.loadTestId, data);
      },
    });
    const {
      percent: _percent,
      role: _role,
      ...file
    } = await stack.version(7, scaleModel(5), scaleSignature, { percent: 0, role: 'shadow' });
    const { digest: requestDigest } = await stack.objects.put(Buffer.from(JSON.stringify(x([1, 2], [2, 1]))));
    const plan = { requestsPerSecond: 100, rowsPerRequest: 2, seconds: 1, connections: 4 };
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    const publisher = new Publisher(stack.connection);
    const ask = async (changed: object) => {
      const loadTestId = randomUUID();
      const about = { loadTestId, modelName: 'tried', requestedBy: 'sam', requestDigest, plan, expiresAt };
      await publisher.publishEvent({ definition: loadTestRequested, data: { ...file, ...about, ...changed } });
      return loadTestId;
    };
    const expired = await ask({ expiresAt: new Date(Date.now() - 1).toISOString() });
    const missing = await ask({ artifactDigest: 'a'.repeat(64) });
    const tried = await ask({});
    await eventually(() => assert.ok(finished.has(tried)), { timeoutMs: 20_000 });
    const { outcome, measured, artifactDigest } = finished.get(tried)!;
    assert.deepEqual([outcome, artifactDigest, measured?.requestCount], ['measured', file.artifactDigest, 100]);
    // how many it keeps up with is for the machine to say
    assert.ok(measured!.failedCount < 100 && measured!.p99Ms > 0 && measured!.processor !== '');
    assert.equal(finished.get(missing)?.outcome, 'failed');
    assert.equal(finished.has(expired), false);
    const recorded = (await captured(stack)).flatMap(({ models }) => models.map(({ modelName }) => modelName));
    assert.ok(recorded.includes('scale') && !recorded.includes('tried'));
    heard.unsubscribe();
  });
});
