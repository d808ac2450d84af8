import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { promotionApproved, type RolloutStrategy } from '@bascule/contracts';
import { Publisher } from '@bascule/messaging';
import { newId } from '@bascule/platform';
import { eventually, testDatabase } from '@bascule/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { migrations } from '../src/migrations/index.js';
import { scaleModel, scaleSignature } from './onnx-models.js';
import { call, captured, type Running, ready, type ServingStack, servingStack } from './serving-stack.js';

const model = 'loaded';
const strategies: RolloutStrategy[] = [
  { kind: 'all-at-once', steps: [100] },
  { kind: 'blue-green', steps: [100] },
  { kind: 'canary', steps: [50, 100] },
];
const ends = ['finish', 'abort'] as const;

describe('rollouts under constant load', () => {
  let stack: ServingStack;
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let serving: Running;
  let operator: string;

  beforeAll(async () => {
    stack = await servingStack();
    database = await testDatabase('serving', migrations);
    operator = await stack.key(['operator']);
    serving = await stack.start({ SERVING_ROLES: 'control,gateway', DATABASE_URL: database.url });
    await ready(serving);
  });
  afterAll(async () => {
    await stack?.stop();
    await database?.stop();
  });

  async function approve(version: number, strategy: RolloutStrategy): Promise<string> {
    const { digest: artifactDigest, sizeBytes: artifactSizeBytes } = await stack.objects.put(scaleModel(version));
    const promotionId = newId();
    const who = { requestedBy: 's@test', approvedBy: 'a@test', environment: 'production' as const };
    const artifact = { artifactDigest, artifactSizeBytes, signature: scaleSignature };
    const data = { promotionId, modelName: model, version, ...who, ...artifact, strategy };
    await serving.app.get(Publisher, { strict: false }).publishEvent({ definition: promotionApproved, data });
    return promotionId;
  }
  const rollout = (promotionId: string, isWanted: (status: string) => boolean) =>
    eventually(async () => {
      const { items } = (await call(`${serving.url}/v1/rollouts?limit=100`, operator)).body;
      const found = items.find((item: { promotionId: string; status: string }) => item.promotionId === promotionId);
      return found !== undefined && isWanted(found.status) && found;
    });

  it('fail no request and answer none twice, whichever way they end', async () => {
    const infer = (value: number) =>
      call(`${serving.url}/v2/models/${model}/infer`, operator, {
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
        await call(`${serving.url}/v1/rollouts/${found.rolloutId}/${end}`, operator, { body: { reason: 'the next one waits' } });
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
