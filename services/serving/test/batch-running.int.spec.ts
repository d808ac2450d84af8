import assert from 'node:assert/strict';
import { workSubject } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { listDeadLetters } from '@bascule/messaging';
import { Outbox } from '@bascule/outbox';
import { newId } from '@bascule/platform';
import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { BatchObjects } from '../src/batch-pieces/batch-objects.store.js';
import { batchPiece } from '../src/batch-pieces/batch-piece.js';
import { type BatchStack, batchStack, errorsOf, finishedPieces, jobWith, resultOf, submit } from './batch-stack.js';
import { countingModel, countingSignature, scaleModel } from './onnx-models.js';
import { call } from './serving-stack.js';

const csv = (rows: number) => `x\n${Array.from({ length: rows }, (_, at) => `${at + 1}\n`).join('')}`;

describe('while it runs, a batch job', () => {
  let stack: BatchStack;

  beforeAll(async () => {
    stack = await batchStack({ BATCH_PIECE_ROWS: '5', MODEL_DEADLINE_MS: '400', BASCULE_RETRY_DELAYS_MS: '20' });
    await stack.startGateway();
    await stack.startGateway();
    await stack.promote('scale');
  });
  afterAll(() => stack?.stop());

  const view = async (jobId: string) => (await call(`${stack.url}/v1/batch-jobs/${jobId}`, stack.operator)).body;

  it('is helped by every gateway and tells its progress; clients are answered meanwhile', async () => {
    const { body } = await submit(stack, 'scale', csv(500));
    const infer = () =>
      call(`${stack.gateways[0]?.url}/v2/models/scale/infer`, stack.operator, {
        body: { inputs: [{ name: 'x', shape: [1, 1], datatype: 'FP32', data: [4] }] },
      });
    // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects
    const seen: any[] = [];
    await eventually(
      async () => {
        assert.deepEqual((await infer()).body.outputs?.[0]?.data, [8]);
        seen.push(await view(body.jobId));
        assert.notEqual(seen.at(-1).status, 'running');
      },
      { timeoutMs: 60_000 },
    );
    const underway = seen.filter(({ status, rows }) => status === 'running' && rows.done > 0);
    assert.ok(underway.length > 0 && underway.every(({ rowsPerSecond }) => rowsPerSecond > 0), JSON.stringify(seen));
    // how many rows there are is known once the input is read to its end
    assert.ok(underway.every(({ rows, secondsLeft }) => (rows.total === null) === (secondsLeft === null)));
    await jobWith(stack, body.jobId, 'succeeded');
    const gateways = new Set((await finishedPieces(stack, body.jobId)).map(({ gatewayId }) => gatewayId));
    assert.equal(gateways.size, 2);
    assert.equal((await resultOf(stack, body.jobId)).length, 500);
  });

  it('can be cancelled: nothing of it stays in the queue, and no results', async () => {
    const { body } = await submit(stack, 'scale', csv(3_000));
    await eventually(async () => assert.ok((await view(body.jobId)).rows.done > 0));
    const cancelled = await call(`${stack.url}/v1/batch-jobs/${body.jobId}/cancel`, stack.operator, { method: 'POST' });
    assert.equal(cancelled.body.status, 'cancelled');
    assert.match(cancelled.body.reason, /operator@test/);
    await eventually(async () => {
      const { state } = await stack.connection.jsm.streams.info('JOBS', { subjects_filter: `jobs.serving.batch-piece.v1.${body.jobId}` });
      assert.deepEqual(state.subjects ?? {}, {});
    });
    assert.equal((await call(`${stack.url}/v1/batch-jobs/${body.jobId}/result`, stack.operator)).body.code, 'serving.batch_result_missing');
    assert.equal((await call(`${stack.url}/v1/batch-jobs/${body.jobId}/cancel`, stack.operator, { method: 'POST' })).status, 200);
    // the next job is not held up
    const next = await submit(stack, 'scale', csv(20));
    await jobWith(stack, next.body.jobId, 'succeeded');
    assert.ok((await view(body.jobId)).rows.done < 3_000);
  });

  it('tells rows on which the model hangs apart from the others', async () => {
    await stack.promote('count', 1, countingModel(), countingSignature);
    const rows = [3, 2_000_000_000, 5, -1, 7];
    const { body } = await submit(stack, 'count', `n\n${rows.join('\n')}\n`, { query: 'output=csv' });
    await jobWith(stack, body.jobId, 'succeeded');
    assert.deepEqual(
      (await resultOf(stack, body.jobId)).map(({ y }) => y),
      ['3', '', '5', '0', '7'],
    );
    assert.match(String((await errorsOf(stack, body.jobId))[0]?.['error']), /deadline/);
  });

  it('is not held up by a piece of another release, which becomes a dead letter that says so', async () => {
    const { digest: inputDigest } = await stack.control.app.get(BatchObjects, { strict: false }).put(Buffer.from('{"rows":[[1]]}'));
    const { items } = (await call(`${stack.url}/v1/endpoints`, stack.operator)).body;
    const [version] = items.find(({ modelName }: { modelName: string }) => modelName === 'scale').versions;
    const data = {
      ...{ jobId: newId(), piece: 0, inputDigest, rowCount: 1, modelName: 'scale', version, keyId: 'k' },
      acceptedAt: new Date().toISOString(),
    };
    const { app } = stack.control;
    await app.get(Transactions).run(() => app.get(Outbox).publishWork({ definition: batchPiece, data }));
    const { body } = await submit(stack, 'scale', csv(20));
    await jobWith(stack, body.jobId, 'succeeded');
    const letter = await eventually(async () => {
      const found = (await listDeadLetters(stack.connection)).items.find(
        ({ originalSubject }) => originalSubject === workSubject(batchPiece, data.jobId),
      );
      assert.ok(found);
      return found;
    });
    assert.equal(letter.errorCode, 'serving.batch_piece_unreadable');
    assert.ok(letter.attempts > 1, 'another gateway may be able to read it');
  });

  it('fails with the reason when its model is gone from the object store', async () => {
    await stack.promote('gone', 1, scaleModel(3));
    const { items } = (await call(`${stack.url}/v1/endpoints`, stack.operator)).body;
    const digest = items.find((item: { modelName: string }) => item.modelName === 'gone').versions[0].artifactDigest;
    for (const gateway of stack.gateways.splice(0)) await gateway.close();
    await stack.objects.delete(digest);
    const { body } = await submit(stack, 'gone', csv(10));
    await stack.startGatewayNow();
    const failed = await jobWith(stack, body.jobId, 'failed');
    assert.match(failed.reason, /the model is refused/);
  });
});
