import assert from 'node:assert/strict';
import { type Environment, promotionApproved } from '@bascule/contracts';
import { Publisher } from '@bascule/messaging';
import { newId } from '@bascule/platform';
import { eventually, testDatabase } from '@bascule/testing';
import { afterAll, beforeAll, it } from 'vitest';
import { migrations } from '../src/migrations/index.js';
import { scaleModel, scaleSignature } from './onnx-models.js';
import { call, type Running, ready, type ServingStack, servingStack } from './serving-stack.js';

let stack: ServingStack;
let database: Awaited<ReturnType<typeof testDatabase>>;
let serving: Running;
let operator: string;

beforeAll(async () => {
  stack = await servingStack();
  database = await testDatabase('serving', migrations);
  operator = await stack.key(['operator']);
  serving = await stack.start({ SERVING_ROLES: 'control,gateway', DATABASE_URL: database.url, SERVING_ENVIRONMENT: 'production' });
  await ready(serving);
});
afterAll(async () => {
  await stack?.stop();
  await database?.stop();
});

async function approve(environment: Environment): Promise<void> {
  const { digest, sizeBytes } = await stack.objects.put(scaleModel(2));
  await serving.app.get(Publisher, { strict: false }).publishEvent({
    definition: promotionApproved,
    data: {
      promotionId: newId(),
      modelName: 'staged',
      version: 1,
      environment,
      requestedBy: 'scientist@test',
      approvedBy: 'approver@test',
      artifactDigest: digest,
      artifactSizeBytes: sizeBytes,
      signature: scaleSignature,
      strategy: { steps: [100] },
    },
  });
}

async function statuses(): Promise<Partial<Record<Environment, string>>> {
  const { items } = (await call(`${serving.url}/v1/rollouts?model=staged`, operator)).body;
  return Object.fromEntries(items.map(({ environment, status }: { environment: string; status: string }) => [environment, status]));
}

it('a rollout in staging is not moved by what a gateway of production found', async () => {
  await approve('staging');
  await eventually(async () => assert.equal((await statuses()).staging, 'loading'));
  await approve('production');
  await eventually(async () => assert.equal((await statuses()).production, 'completed'));
  assert.equal((await statuses()).staging, 'loading');
});
