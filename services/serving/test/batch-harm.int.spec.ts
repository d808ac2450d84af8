import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type BatchStack, batchStack, errorsOf, jobWith, resultOf, submit } from './batch-stack.js';
import { countingModel, countingSignature } from './onnx-models.js';

const endless = 2 ** 50;

describe('rows that take the process of their model down', () => {
  let stack: BatchStack;

  beforeAll(async () => {
    stack = await batchStack({ MODEL_DEADLINE_MS: '300', MODEL_PROCESSES: '4' });
    await stack.startGateway();
    await stack.promote('count', 1, countingModel(), countingSignature);
  });
  afterAll(() => stack?.stop());

  it('are told one by one, however many there are; the job succeeds with all others', async () => {
    const rows = Array.from({ length: 24 }, (_, at) => (at % 2 === 0 ? endless + at : at));
    const { body } = await submit(stack, 'count', `n\n${rows.join('\n')}\n`, { query: 'output=csv' });
    const job = await jobWith(stack, body.jobId, 'succeeded');
    assert.deepEqual(job.rows, { total: 24, done: 24, failed: 12 });
    assert.deepEqual(
      (await resultOf(stack, body.jobId)).map(({ y }) => y),
      rows.map((row, at) => (at % 2 === 0 ? '' : `${row}`)),
    );
    const errors = await errorsOf(stack, body.jobId);
    assert.deepEqual(
      errors.map(({ row }) => row),
      Array.from({ length: 12 }, (_, at) => 2 * at + 1),
    );
    assert.ok(errors.every(({ error }) => /deadline/.test(String(error))));
  });
});
