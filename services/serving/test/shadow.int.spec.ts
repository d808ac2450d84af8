import assert from 'node:assert/strict';
import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { castingModel, countingModel, countingSignature, scaleModel, scaleSignature } from './onnx-models.js';
import { call, captured, type Running, ready, type ServingStack, servingStack } from './serving-stack.js';

describe('a shadow', () => {
  let stack: ServingStack;
  let client: string;
  let gateway: Running;

  beforeAll(async () => {
    stack = await servingStack();
    client = await stack.key(['client']);
    const shadow = { percent: 100, role: 'shadow' as const };
    const champion = { percent: 100, role: 'champion' as const };
    await stack.route('stuck', 1, [
      await stack.version(1, castingModel(), countingSignature, champion),
      await stack.version(2, countingModel(), countingSignature, shadow),
    ]);
    await stack.route('strange', 1, [
      await stack.version(1, castingModel(), countingSignature, champion),
      await stack.version(2, scaleModel(2), scaleSignature, shadow),
    ]);
    gateway = await stack.start({ MODEL_DEADLINE_MS: '500', REQUEST_DEADLINE_MS: '2000' });
    await ready(gateway);
    await eventually(
      async () => {
        const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
        assert.match(metrics, /serving_models_loaded\S* 4/);
      },
      { timeoutMs: 20_000 },
    );
  });
  afterAll(() => stack?.stop());

  const ask = (model: string, n: number) =>
    call(`${gateway.url}/v2/models/${model}/infer`, client, { body: { inputs: [{ name: 'n', shape: [], datatype: 'INT64', data: [n] }] } });
  const metric = async (name: string, model: string) => {
    const text = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
    return Number(new RegExp(`^${name}\\{[^}]*model="${model}"[^}]*\\} (\\d+)`, 'm').exec(text)?.[1] ?? 0);
  };

  it('that never comes to an end is counted, and no answer fails or is another for it', async () => {
    for (let turn = 0; turn < 20; turn++) {
      const { status, body } = await ask('stuck', 2 ** 40);
      assert.deepEqual([status, body.model_version, body.outputs[0].data], [200, '1', [2 ** 40]]);
    }
    await eventually(async () => assert.ok((await metric('serving_shadow_failures_total', 'stuck')) > 0), { timeoutMs: 20_000 });
    assert.equal(await metric('serving_inference_failures_total', 'stuck'), 0);
  });

  it('that takes other inputs is counted; what it answers is captured beside the answer', async () => {
    assert.equal((await ask('strange', 3)).status, 200);
    await eventually(async () => assert.equal(await metric('serving_shadow_failures_total', 'strange'), 1));
    assert.ok(
      (await captured(stack)).every(({ models, predictions }) =>
        predictions.every(({ model, role }) => role !== 3 || models[model]?.modelName !== 'strange'),
      ),
    );
  });
});
