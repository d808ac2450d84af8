import assert from 'node:assert/strict';
import { hashSecret, newKey } from '@bascule/access';
import { type AccessEntry, buckets } from '@bascule/contracts';
import { KvWriter } from '@bascule/messaging';
import { eventually, withinOneDay } from '@bascule/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type BatchStack, batchStack, jobWith, submit } from './batch-stack.js';
import { call, type Running } from './serving-stack.js';

describe('the quota of a key', () => {
  let stack: BatchStack;
  let gateway: Running;

  beforeAll(async () => {
    stack = await batchStack({ BATCH_PIECE_ROWS: '7' });
    gateway = await stack.startGateway();
    await stack.promote('scale');
  });
  afterAll(() => stack?.stop());

  it('counts the rows of batch jobs, and refuses the next job and the next request once it is used up', async () => {
    await withinOneDay();
    const { keyId, secret, token } = newKey();
    const grant = { identity: 'lim', roles: ['client' as const], models: ['scale'], datasets: [], revokedAt: null };
    const entry: AccessEntry = { keyId, secretHash: hashSecret(secret), ...grant, limits: { rowsPerDay: 20 } };
    await new KvWriter(stack.connection).put(buckets.access, keyId, entry);
    await eventually(async () => (await call(`${stack.url}/v1/batch-jobs`, token)).status === 200);
    const csv = `x\n${Array.from({ length: 40 }, (_, row) => row).join('\n')}\n`;
    const first = await submit(stack, 'scale', csv, { token });
    assert.equal(first.status, 202, JSON.stringify(first.body));
    await jobWith(stack, first.body.jobId, 'succeeded');
    const second = await eventually(async () => {
      const answer = await submit(stack, 'scale', csv, { token });
      return answer.status === 429 && answer;
    });
    assert.equal(second.body.code, 'serving.quota_exhausted');
    assert.ok(Number(second.headers.get('retry-after')) > 0);
    const body = { inputs: [{ name: 'x', shape: [1, 1], datatype: 'FP32', data: [1] }] };
    assert.equal((await call(`${gateway.url}/v2/models/scale/infer`, token, { body })).body.code, 'serving.quota_exhausted');
    const other = await submit(stack, 'other', csv, { token });
    assert.deepEqual([other.status, other.body.code], [403, 'access.model_not_allowed']);
  });
});
