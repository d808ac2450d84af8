import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { rolloutTripped } from '@bascule/contracts';
import { Publisher } from '@bascule/messaging';
import { eventually, testDatabase } from '@bascule/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { migrations } from '../src/migrations/index.js';
import { castingModel, countingModel, countingSignature } from './onnx-models.js';
import { approve } from './rollout-stack.js';
import { call, type Running, ready, type ServingStack, servingStack } from './serving-stack.js';

const model = 'crashing';
/** A number that the counting model never reaches. */
const endless = 1_000_000_000;

describe('a rollout of a version that takes its process down', () => {
  let stack: ServingStack;
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let control: Running;
  let gateway: Running;
  let client: string;
  let publisher: Publisher;

  beforeAll(async () => {
    stack = await servingStack();
    database = await testDatabase('serving', migrations);
    client = await stack.key(['client']);
    control = await stack.start({ SERVING_ROLES: 'control', DATABASE_URL: database.url });
    gateway = await stack.start({ MODEL_DEADLINE_MS: '300' });
    await ready(gateway);
    publisher = control.app.get(Publisher, { strict: false });
  });
  afterAll(async () => {
    await stack?.stop();
    await database?.stop();
  });

  const approveModel = (version: number, bytes: Uint8Array, modelName = model, steps = [50, 100]): Promise<string> =>
    approve(stack, publisher, { modelName, version, model: bytes, signature: countingSignature, strategy: { steps } });
  const rollout = (promotionId: string, status: string) =>
    eventually(async () => {
      const { items } = (await call(`${control.url}/v1/rollouts`, client)).body;
      const found = items.find((item: { promotionId: string }) => item.promotionId === promotionId);
      assert.equal(found?.status, status);
      return found;
    });
  const infer = (to = endless, modelName = model) =>
    call(`${gateway.url}/v2/models/${modelName}/infer`, client, {
      body: { parameters: { routing_key: randomUUID() }, inputs: [{ name: 'n', shape: [], datatype: 'INT64', data: [to] }] },
    });

  it('is cut off by a gateway that serves alone, and rolled back by control', async () => {
    await rollout(await approveModel(1, castingModel()), 'completed');
    await eventually(async () => assert.equal((await infer()).body.model_version, '1'));
    const promotionId = await approveModel(2, countingModel());
    const { rolloutId } = await rollout(promotionId, 'running');
    await eventually(
      async () => {
        await infer();
        assert.equal((await call(`${control.url}/v1/rollouts/${rolloutId}`, client)).body.status, 'rolled-back');
      },
      { timeoutMs: 40_000, intervalMs: 10 },
    );
    const message = await stack.connection.jsm.streams.getMessage('SERVING', { last_by_subj: rolloutTripped.type });
    const tripped = message?.json<{ rolloutId: string; cause: string }>();
    assert.equal(tripped?.rolloutId, rolloutId);
    assert.ok(['crash-loop', 'error-burst'].includes(tripped.cause), tripped.cause);
    const answers = [];
    for (let request = 0; request < 20; request++) answers.push(await infer());
    assert.deepEqual(new Set(answers.map(({ status, body }) => `${status} ${body.model_version}`)), new Set(['200 1']));
  });

  it('is not cut off for what takes the process of its champion down as well', async () => {
    const modelName = 'burdened';
    await rollout(await approveModel(1, countingModel(), modelName), 'completed');
    await eventually(async () => assert.equal((await infer(3, modelName)).status, 200));
    const { rolloutId } = await rollout(await approveModel(2, countingModel(), modelName, [99, 100]), 'running');
    await eventually(async () => assert.equal((await infer(3, modelName)).body.model_version, '2'));
    await eventually(
      async () => {
        assert.equal((await infer(endless, modelName)).body.code, 'serving.model_suspended');
      },
      { timeoutMs: 20_000, intervalMs: 10 },
    );
    // others who come meanwhile are turned away, which is no failure of the version either
    await Promise.all(Array.from({ length: 12 }, () => infer(3, modelName)));
    await eventually(async () => assert.equal((await infer(3, modelName)).body.model_version, '2'), { timeoutMs: 20_000 });
    assert.equal((await call(`${control.url}/v1/rollouts/${rolloutId}`, client)).body.status, 'running');
  });
});
