import assert from 'node:assert/strict';
import { eventually } from '@bascule/testing';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { BatchObjects } from '../src/batch-pieces/batch-objects.store.js';
import { type BatchStack, batchStack, errorsOf, jobWith, resultOf, submit } from './batch-stack.js';
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

  async function stored(): Promise<string[]> {
    const digests: string[] = [];
    for await (const digest of stack.control.app.get(BatchObjects, { strict: false }).list()) digests.push(digest);
    return digests;
  }

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
    await eventually(async () => assert.deepEqual(await stored(), []));
  });

  it('of rows that all failed are those of a failed job, whose reason names the first; they can be had as well', async () => {
    const { body } = await submit(stack, 'scale', 'x\none\ntwo\n');
    const job = await jobWith(stack, body.jobId, 'failed');
    assert.deepEqual(job.rows, { total: 2, done: 2, failed: 2 });
    assert.match(job.reason, /^none of 2 rows was answered; the first: x/);
    assert.equal((await resultOf(stack, body.jobId)).length, 2);
    assert.equal((await errorsOf(stack, body.jobId)).length, 2);
  });

  it('stay while another job has the same, and go with the last of them', async () => {
    const ended: string[] = [];
    for (const _ of [1, 2]) {
      const { body } = await submit(stack, 'scale', 'x\n');
      await jobWith(stack, body.jobId, 'succeeded');
      ended.push(body.jobId);
    }
    const [first = '', second = ''] = ended;
    const database = stack.control.app.get(DataSource);
    const endAt = (jobId: string, from: string) =>
      database.query(`update batch_jobs set ended_at = now() + $2::interval where id = $1`, [jobId, from]);
    const view = async (jobId: string) => (await call(`${stack.url}/v1/batch-jobs/${jobId}`, stack.operator)).body;
    await endAt(second, '1 hour');
    await endAt(first, '-1 hour');
    await eventually(async () => assert.equal((await view(first)).result, null), { timeoutMs: 30_000 });
    assert.deepEqual(await resultOf(stack, second), []);
    await endAt(second, '-1 hour');
    await eventually(async () => assert.equal((await view(second)).result, null), { timeoutMs: 30_000 });
    await eventually(async () => assert.deepEqual(await stored(), []));
  });
});
