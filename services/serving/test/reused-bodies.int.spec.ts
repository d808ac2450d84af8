import assert from 'node:assert/strict';
import type { ModelSignature } from '@bascule/contracts';
import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { binaryRequest, post } from './binary-call.js';
import { scaleModel } from './onnx-models.js';
import { captured, type Running, ready, type ServingStack, servingStack } from './serving-stack.js';

const columns = 6_000;
const roles = { champion: 1, shadow: 3 } as const;
const signature: ModelSignature = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, columns], kind: 'numeric' }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, columns] }],
};

describe('storage of bodies that is used again', () => {
  let stack: ServingStack;
  let token: string;

  beforeAll(async () => {
    stack = await servingStack();
    token = await stack.key(['client']);
    const champion = await stack.version(1, scaleModel(2, columns), signature, { percent: 100, role: 'champion' });
    const shadow = await stack.version(2, scaleModel(3, columns), signature, { percent: 100, role: 'shadow' });
    await stack.route('alone', 1, [champion]);
    await stack.route('shadowed', 1, [champion, shadow]);
  });
  afterAll(() => stack?.stop());

  /** Sends a row whose cells tell which it is, and checks the answer. */
  async function ask({ url }: Running, model: string, value: number, headers: Record<string, string> = {}): Promise<void> {
    const numbers = Float32Array.from({ length: columns }, (_, index) => value + index);
    const bytes = Buffer.from(numbers.buffer);
    const request = binaryRequest({ id: `${model}-${value}`, parameters: { binary_data_output: true } }, [
      { name: 'x', datatype: 'FP32', shape: [1, columns], bytes },
    ]);
    // a busy machine may turn some away, who come again
    const answer = await eventually(async () => {
      const found = await post(`${url}/v2/models/${model}/infer`, token, request.body, { ...request.headers, ...headers });
      return ![409, 429, 503, 504].includes(found.status) && found;
    });
    assert.equal(answer.status, 200, answer.body.error);
    assert.deepEqual(answer.raw['y'], Buffer.from(numbers.map((number) => number * 2).buffer));
  }

  /** First and last cell of what was captured of a request, by model and role of who answered it. */
  async function capturedCells(): Promise<Map<string, readonly (number | undefined)[]>> {
    const cells = new Map<string, readonly (number | undefined)[]>();
    for (const { models, predictions } of await captured(stack)) {
      for (const { inputs, requestId, role, model } of predictions) {
        const { kind } = inputs[0] ?? {};
        const numbers = kind?.case === 'numbers' ? kind.value.values : [];
        cells.set(`${models[model]?.modelName} ${role} ${requestId}`, [numbers[0], numbers.at(-1)]);
      }
    }
    return cells;
  }

  it.each(['auto', 'off'])('mixes up nothing of requests at once: answers, records and shadows (INLINE_MODELS=%s)', async (inline) => {
    const gateway = await stack.start({ INLINE_MODELS: inline });
    await ready(gateway);
    for (const path of ['alone', 'shadowed', 'shadowed/versions/2']) {
      const headers = { authorization: `Bearer ${token}` };
      await eventually(async () => (await fetch(`${gateway.url}/v2/models/${path}/ready`, { headers })).status === 200, {
        timeoutMs: 20_000,
      });
    }
    const base = inline === 'auto' ? 0 : 10_000;
    const values = Array.from({ length: 60 }, (_, index) => base + 100 * index);
    // waves, so that each uses what the one before has given back
    for (let from = 0; from < values.length; from += 12) {
      await Promise.all(
        values
          .slice(from, from + 12)
          .flatMap((value) => [
            ask(gateway, 'alone', value),
            ask(gateway, 'shadowed', value),
            ask(gateway, 'alone', value + 1, { 'idempotency-key': String(value) }),
            ask(gateway, 'alone', value + 1, { 'idempotency-key': String(value) }),
          ]),
      );
    }
    const recorded = [
      ['alone', roles.champion],
      ['shadowed', roles.champion],
      ['shadowed', roles.shadow],
    ] as const;
    await eventually(async () => {
      const cells = await capturedCells();
      for (const [model, role] of recorded) {
        for (const value of values)
          assert.deepEqual(cells.get(`${model} ${role} ${model}-${value}`), [value, value + columns - 1], `${model} ${role}`);
      }
    });
  });
});
