import assert from 'node:assert/strict';
import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { BatchObjects } from '../src/batch-pieces/batch-objects.store.js';
import { type BatchStack, batchStack, jobWith, resultOf, submit } from './batch-stack.js';
import { call } from './serving-stack.js';

const resultSeconds = 6;

describe('the results of a batch job', () => {
  let stack: BatchStack;

  beforeAll(async () => {
    stack = await batchStack({ BATCH_RESULT_DAYS: String(resultSeconds / 86_400), BATCH_LEASE_MS: '500' });
    await stack.startGateway();
    await stack.promote('scale');
  });
  afterAll(() => stack?.stop());

  it('can be had until BATCH_RESULT_DAYS are over, as the job says; then nothing of it is left in the store', async () => {
    const { body } = await submit(stack, 'scale', 'x\n1\ntwo\n');
    const job = await jobWith(stack, body.jobId, 'succeeded');
    assert.equal((await resultOf(stack, body.jobId)).length, 2);
    const until = Date.parse(job.result.availableUntil);
    assert.equal(until - Date.parse(job.endedAt), resultSeconds * 1000);
    const path = `${stack.url}/v1/batch-jobs/${body.jobId}`;
    const gone = await eventually(
      async () => {
        const answer = await call(`${path}/result`, stack.operator);
        assert.equal(answer.status, 404);
        return answer.body;
      },
      { timeoutMs: 30_000 },
    );
    assert.ok(Date.now() >= until);
    assert.equal(gone.code, 'serving.batch_result_missing');
    assert.equal((await call(`${path}/errors`, stack.operator)).status, 404);
    const { result, rows } = (await call(path, stack.operator)).body;
    assert.deepEqual([result, rows], [null, { total: 2, done: 2, failed: 1 }]);
    const left: string[] = [];
    for await (const digest of stack.control.app.get(BatchObjects, { strict: false }).list()) left.push(digest);
    assert.deepEqual(left, []);
  });

  it('stay while another job has the same', async () => {
    const first = await submit(stack, 'scale', 'x\n');
    await jobWith(stack, first.body.jobId, 'succeeded');
    const expired = async (jobId: string) => (await call(`${stack.url}/v1/batch-jobs/${jobId}`, stack.operator)).body.result === null;
    const second = await eventually(
      async () => {
        // the later one is submitted shortly before the former one ends
        const { endedAt } = (await call(`${stack.url}/v1/batch-jobs/${first.body.jobId}`, stack.operator)).body;
        assert.ok(Date.now() - Date.parse(endedAt) > resultSeconds * 500);
        return submit(stack, 'scale', 'x\n');
      },
      { timeoutMs: 20_000 },
    );
    await jobWith(stack, second.body.jobId, 'succeeded');
    await eventually(async () => assert.ok(await expired(first.body.jobId)), { timeoutMs: 30_000 });
    if (!(await expired(second.body.jobId))) assert.deepEqual(await resultOf(stack, second.body.jobId), []);
  });
});
