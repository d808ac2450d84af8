import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { RolloutStrategy } from '@bascule/contracts';
import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type RolloutStack, rolloutStack } from './rollout-stack.js';
import { call, captured } from './serving-stack.js';

const model = 'loaded';
const strategies: RolloutStrategy[] = [
  { kind: 'all-at-once', steps: [100] },
  { kind: 'blue-green', steps: [100] },
  { kind: 'canary', steps: [50, 100] },
];
const ends = ['finish', 'abort'] as const;

describe('rollouts under constant load', () => {
  let stack: RolloutStack;

  beforeAll(async () => {
    stack = await rolloutStack();
  });
  afterAll(() => stack?.stop());

  const approve = (version: number, strategy: RolloutStrategy) => stack.approve({ modelName: model, version, strategy });
  const rollout = (promotionId: string, isWanted: (status: string) => boolean) =>
    eventually(async () => {
      const { items } = await stack.get('/v1/rollouts?limit=100');
      const found = items.find((item: { promotionId: string; status: string }) => item.promotionId === promotionId);
      return found !== undefined && isWanted(found.status) && found;
    });

  it('fail no request and answer none twice, whichever way they end', async () => {
    const infer = (value: number) =>
      call(`${stack.url}/v2/models/${model}/infer`, stack.operator, {
        body: { parameters: { routing_key: randomUUID() }, inputs: [{ name: 'x', shape: [1, 1], datatype: 'FP32', data: [value] }] },
      });
    await rollout(await approve(1, { steps: [100] }), (status) => status === 'completed');
    await eventually(async () => assert.equal((await infer(1)).status, 200));

    let isOver = false;
    const faults: string[] = [];
    const ids: string[] = [];
    const lane = async () => {
      while (!isOver) {
        // what fails in the middle of the load must not end it unheard
        const { status, body } = await infer(1).catch((error: unknown) => ({ status: 0, body: String(error) }) as never);
        // a version multiplies by its number: an answer under one name computed by another would show
        if (status !== 200 || body.outputs[0].data[0] !== Number(body.model_version)) faults.push(JSON.stringify(body));
        else ids.push(body.parameters.prediction_id);
        await pause(3); // a constant pace, not as much as the machine can take
      }
    };
    const load = Promise.all(Array.from({ length: 3 }, lane));
    const roundsDone = (async () => {
      for (let round = 0; round < 6; round++) {
        const strategy = strategies[round % strategies.length]!;
        const promotionId = await approve(round + 2, strategy);
        const found = await rollout(promotionId, (status) => status === 'running' || status === 'completed');
        if (found.status === 'completed') continue;
        const answersBefore = ids.length;
        await eventually(() => ids.length > answersBefore + 20);
        const end = ends[Math.floor(round / strategies.length) % ends.length];
        await call(`${stack.url}/v1/rollouts/${found.rolloutId}/${end}`, stack.operator, { body: { reason: 'the next one waits' } });
      }
    })();
    await roundsDone.finally(() => {
      isOver = true;
    });
    await load;
    assert.deepEqual(faults, []);
    await eventually(async () => {
      const rows = (await captured(stack)).flatMap(({ predictions }) => predictions.map(({ predictionId }) => predictionId));
      const seen = new Set(rows);
      assert.equal(rows.length, seen.size);
      assert.deepEqual(
        ids.filter((id) => !seen.has(id)),
        [],
      );
    });
    assert.equal(new Set(ids).size, ids.length);
  });
});
