import assert from 'node:assert/strict';
import { inference } from '@bascule/proto';
import { eventually } from '@bascule/testing';
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { countingModel, countingSignature, scaleModel, scaleSignature } from './onnx-models.js';
import { call, captured, type Running, ready, type ServingStack, servingStack } from './serving-stack.js';

describe('a model that holds up its process', () => {
  let stack: ServingStack;
  let gateway: Running;
  let client: string;
  const endless = 2 ** 50;
  const inputs = (to: number) => [{ name: 'n', shape: [], datatype: 'INT64', data: [to] }];
  const count = (to: number, parameters = {}, model = 'count') =>
    call(`${gateway.url}/v2/models/${model}/infer`, client, { body: { parameters, inputs: inputs(to) } });
  const scale = () =>
    call(`${gateway.url}/v2/models/scale/infer`, client, { body: { inputs: [{ name: 'x', shape: [1, 1], datatype: 'FP32', data: [1] }] } });

  beforeAll(async () => {
    stack = await servingStack();
    client = await stack.key(['client']);
    const champion = { percent: 100, role: 'champion' } as const;
    await stack.route('count', 1, [await stack.version(1, countingModel(), countingSignature, champion)]);
    await stack.route('stuck', 1, [await stack.version(1, countingModel(), countingSignature, champion)]);
    await stack.route('looping', 1, [await stack.version(1, countingModel(), countingSignature, champion)]);
    await stack.route('scale', 1, [await stack.version(1, scaleModel(2), scaleSignature, champion)]);
    gateway = await stack.start({ MODEL_DEADLINE_MS: '1200', REQUEST_DEADLINE_MS: '20000' });
    await ready(gateway);
  });
  afterAll(() => stack?.stop());

  it('is answered 504 at the timeout of the request, before the run is killed', async () => {
    const answer = await count(endless, { timeout: 100_000 });
    assert.equal(answer.status, 504);
    assert.equal(answer.body.code, 'serving.deadline_exceeded');
    assert.equal((await count(3)).status, 200);
  });

  it('is answered DEADLINE_EXCEEDED at the deadline of a gRPC call', async () => {
    const grpc = createClient(inference.GRPCInferenceService, createGrpcTransport({ baseUrl: gateway.grpcUrl }));
    const input = { name: 'n', datatype: 'INT64', shape: [], contents: { int64Contents: [BigInt(endless)] } };
    const options = { headers: { authorization: `Bearer ${client}` } };
    const isLate = (error: unknown) => error instanceof ConnectError && error.code === Code.DeadlineExceeded;
    await assert.rejects(grpc.modelInfer({ modelName: 'count', inputs: [input] }, { ...options, timeoutMs: 100 }), isLate);
    const timeout = { parameterChoice: { case: 'int64Param' as const, value: 100_000n } };
    await assert.rejects(grpc.modelInfer({ modelName: 'count', inputs: [input], parameters: { timeout } }, options), isLate);
    assert.equal((await count(3)).status, 200);
  });

  it('is ended long before its limit when who asked has given up and others wait', async () => {
    const patient = await stack.start({ MODEL_DEADLINE_MS: '60000', REQUEST_DEADLINE_MS: '20000' });
    await ready(patient);
    const ask = (to: number, parameters = {}) =>
      call(`${patient.url}/v2/models/count/infer`, client, { body: { parameters, inputs: inputs(to) } });
    // what a run usually takes has to be known
    for (let known = 0; known < 10; known++) assert.equal((await ask(3)).status, 200);
    assert.equal((await ask(endless, { timeout: 100_000 })).status, 504);
    assert.equal((await ask(4)).body.outputs[0].data[0], 4);
    await patient.close();
  });

  it('is not asked for a client that has gone', async () => {
    const held = [count(endless), count(endless)];
    const body = JSON.stringify({ inputs: inputs(77) });
    const headers = { authorization: `Bearer ${client}`, 'content-type': 'application/json' };
    const leaving = new AbortController();
    // two places are taken: it waits
    const gone = fetch(`${gateway.url}/v2/models/count/infer`, { method: 'POST', body, headers, signal: leaving.signal });
    const stays = count(78);
    setImmediate(() => leaving.abort());
    await assert.rejects(gone);
    assert.deepEqual(
      (await Promise.all(held)).map(({ status }) => status),
      [504, 504],
    );
    assert.equal((await stays).body.outputs[0].data[0], 78);
    const asked = await eventually(async () => {
      const rows = (await captured(stack)).flatMap(({ predictions }) => predictions.map(({ inputs: [n] }) => Number(n?.kind.value)));
      return rows.includes(78) && rows;
    });
    assert.ok(!asked.includes(77));
  });

  it('is left alone after three times in a row, with the time to wait, and others answer on', async () => {
    for (let time = 0; time < 3; time++) assert.equal((await count(endless, {}, 'stuck')).status, 504);
    const refused = await count(3, {}, 'stuck');
    assert.equal(refused.status, 503);
    assert.equal(refused.body.code, 'serving.model_suspended');
    assert.ok(Number(refused.headers.get('retry-after')) >= 1);
    assert.equal((await scale()).status, 200);
    await eventually(async () => assert.equal((await count(3, {}, 'stuck')).status, 200));
  });

  it('is left alone while its runs are killed one after the other: those that would end are answered at once, then as usual', async () => {
    const loops = Array.from({ length: 6 }, () => count(endless, {}, 'looping'));
    const refused = await eventually(
      async () => {
        const answer = await count(3, {}, 'looping');
        assert.equal(answer.body.code, 'serving.model_suspended');
        return answer;
      },
      { timeoutMs: 30_000 },
    );
    assert.equal(refused.status, 503);
    assert.ok(Number(refused.headers.get('retry-after')) >= 1);
    assert.equal((await scale()).status, 200);
    for (const { status } of await Promise.all(loops)) assert.ok(status === 504 || status === 503, String(status));
    await eventually(async () => assert.equal((await count(3, {}, 'looping')).status, 200), { timeoutMs: 30_000 });
  });

  it('refuses a timeout that is no number of microseconds, naming it', async () => {
    const answer = await count(3, { timeout: 'soon' });
    assert.equal(answer.status, 400);
    assert.match(answer.body.error, /parameters.timeout/);
  });
});
