import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type BatchStack, batchStack, errorsOf, jobWith, resultOf, submit } from './batch-stack.js';
import { captured } from './serving-stack.js';

describe('a batch job', () => {
  let stack: BatchStack;

  beforeAll(async () => {
    stack = await batchStack({ BATCH_PIECE_ROWS: '7' });
    await stack.startGateway();
    await stack.promote('scale');
  });
  afterAll(() => stack?.stop());

  it('predicts every row of a CSV in its order; bad rows are told and fail nothing', async () => {
    const lines = Array.from({ length: 40 }, (_, at) => `c-${at + 1},${at + 1},1999-02-01T00:00:00Z`);
    lines[4] = 'c-5,five,1999-02-01';
    lines[9] = 'c-10,,1999-02-01T00:00:00+02:00';
    lines[19] = 'c-20,20,yesterday';
    lines[29] = 'c-30,30';
    const { status, body } = await submit(stack, 'scale', `id,x,at\n${lines.join('\n')}\n`, { query: 'output=csv&id=id&occurredAt=at' });
    assert.equal(status, 202, JSON.stringify(body));
    const job = await jobWith(stack, body.jobId, 'succeeded');
    assert.deepEqual(job.rows, { total: 40, done: 40, failed: 3 });
    const rows = await resultOf(stack, body.jobId);
    assert.deepEqual(
      rows.map(({ row, record_id, y }) => [row, record_id, y]),
      lines.map((_line, at) => {
        const number = at + 1;
        if (number === 30) return ['30', '', ''];
        return [`${number}`, `c-${number}`, [5, 10, 20].includes(number) ? '' : `${number * 2}`];
      }),
    );
    const errors = await errorsOf(stack, body.jobId);
    assert.deepEqual(
      errors.map(({ row }) => row),
      [5, 20, 30],
    );
    assert.match(String(errors[0]?.['error']), /x: "five" is not a number/);
    assert.equal(new Set(rows.map(({ prediction_id }) => prediction_id).filter(Boolean)).size, 37);
    const blocks = await captured(stack);
    const predictions = blocks.flatMap((block) => block.predictions).filter(({ requestId }) => requestId === body.jobId);
    assert.deepEqual(
      predictions.map(({ predictionId, clientRecordId }) => [clientRecordId, predictionId]).sort(),
      rows
        .filter(({ prediction_id }) => prediction_id)
        .map(({ record_id, prediction_id }) => [record_id, prediction_id])
        .sort(),
    );
  });
});
