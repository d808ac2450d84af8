import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { TableWriter } from '@bascule/tables';
import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { BatchObjects } from '../src/batch-pieces/batch-objects.store.js';
import { type BatchStack, batchStack, errorsOf, jobWith, resultOf, submit } from './batch-stack.js';
import { scaleModel, scaleSignature } from './onnx-models.js';
import { call, captured } from './serving-stack.js';

describe('a batch job', () => {
  let stack: BatchStack;

  beforeAll(async () => {
    stack = await batchStack({ BATCH_PIECE_ROWS: '7' });
    await stack.startGateway();
    const inputs = scaleSignature.inputs.map((input) => ({ ...input, limits: { maximum: 35 } }));
    await stack.promote('scale', 1, scaleModel(2), { ...scaleSignature, inputs });
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
    const about = { feature: 'x', column: 'x' };
    assert.deepEqual(job.findings, [
      { ...about, kind: 'outside_contract', message: 'the value is above 35, the most that the contract allows', rows: 5, firstRow: 36 },
      { ...about, kind: 'missing', message: 'there is no value', rows: 1, firstRow: 10 },
    ]);
    const rows = await resultOf(stack, body.jobId);
    assert.deepEqual(
      rows.map(({ row, record_id, y }) => [row, record_id, y]),
      lines.map((_line, at) => {
        const number = at + 1;
        return [`${number}`, `c-${number}`, [5, 10, 20, 30].includes(number) ? '' : `${number * 2}`];
      }),
    );
    const errors = await errorsOf(stack, body.jobId);
    assert.deepEqual(
      errors.map(({ row }) => row),
      [5, 20, 30],
    );
    assert.match(String(errors[0]?.['error']), /x: "five" is not a number/);
    assert.equal(new Set(rows.map(({ prediction_id }) => prediction_id).filter(Boolean)).size, 37);
    await eventually(async () => {
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

  it('takes Parquet and gives Parquet; a column may have another name', async () => {
    const writer = new TableWriter({
      format: 'parquet',
      columns: [
        { name: 'value', type: 'integer' },
        { name: 'note', type: 'string' },
      ],
    });
    const file = buffer(writer.content);
    for (let row = 1; row <= 20; row++) await writer.add([row === 3 ? null : row, 'n']);
    await writer.finish();
    const query = `mapping=${encodeURIComponent('{"x":"value"}')}`;
    const { status, body } = await submit(stack, 'scale', await file, { type: 'application/vnd.apache.parquet', query });
    assert.equal(status, 202, JSON.stringify(body));
    await jobWith(stack, body.jobId, 'succeeded');
    const rows = await resultOf(stack, body.jobId);
    assert.deepEqual(
      rows.map(({ row, y }) => [Number(row), y]),
      Array.from({ length: 20 }, (_, at) => [at + 1, at === 2 ? null : (at + 1) * 2]),
    );
  });

  it('takes NDJSON packed by gzip, with a line that is no JSON', async () => {
    const lines = ['{"x":1}', '{"x":', '{"x":"2.5"}', '{"x":[1]}'];
    const { body } = await submit(stack, 'scale', gzipSync(lines.join('\n')), {
      type: 'application/x-ndjson',
      query: 'output=csv&capture=off',
      headers: { 'content-encoding': 'gzip' },
    });
    const job = await jobWith(stack, body.jobId, 'succeeded');
    assert.deepEqual([job.rows.failed, job.capture], [2, 'off']);
    assert.deepEqual(
      (await resultOf(stack, body.jobId)).map(({ y }) => y),
      ['2', '', '5', ''],
    );
    assert.ok((await captured(stack)).every(({ predictions }) => predictions.every(({ requestId }) => requestId !== body.jobId)));
  });

  it('refuses a record of NDJSON without a feature, as `predict` does, unless it is told to take it for missing', async () => {
    const lines = ['{"x":1}', '{}', '{"x":null}', '{"other":5}'];
    const ask = async (query: string) => {
      const { body } = await submit(stack, 'scale', lines.join('\n'), { type: 'application/x-ndjson', query: `output=csv${query}` });
      const { rows } = await jobWith(stack, body.jobId, 'succeeded');
      return { failed: rows.failed, errors: await errorsOf(stack, body.jobId) };
    };
    const strict = await ask('');
    assert.equal(strict.failed, 2);
    assert.deepEqual(
      strict.errors.map(({ row, error }) => [row, /x: the record does not have this feature/.test(String(error))]),
      [
        [2, true],
        [4, true],
      ],
    );
    assert.equal((await ask('&absentFeatures=missing')).failed, 0);
    assert.equal((await submit(stack, 'scale', lines[0] as string, { query: 'absentFeatures=guess' })).status, 400);
  });

  it('takes a dataset version from the object store', async () => {
    const parts = [];
    for (const first of [0, 10]) {
      const writer = new TableWriter({
        format: 'parquet',
        columns: [
          { name: 'key', type: 'string' },
          { name: 'x', type: 'number' },
        ],
      });
      const stored = stack.objects.put(writer.content);
      for (let row = 1; row <= 10; row++) await writer.add([`d-${first + row}`, first + row]);
      await writer.finish();
      const range = { occurredFrom: '1999-01-01T00:00:00.000Z', occurredTo: '1999-01-02T00:00:00.000Z' };
      parts.push({ ...(await stored), rowCount: 10, labelledCount: 0, ...range, batchId: randomUUID(), origin: 'upload' });
    }
    const manifest = {
      ...{ schemaVersion: 1, datasetName: 'strikes', contractName: 'strikes', contractVersion: 1, parentVersion: null },
      columns: [
        { name: 'key', type: 'string', role: 'id', nullable: false },
        { name: 'x', type: 'number', role: 'feature', nullable: true },
      ],
      ...{ parts, rowCount: 20, labelledCount: 0, occurredFrom: parts[0]?.occurredFrom, occurredTo: parts[0]?.occurredTo },
    };
    const { digest } = await stack.objects.put(Buffer.from(JSON.stringify(manifest)));
    const ask = (dataset: object) => submit(stack, 'scale', JSON.stringify({ dataset }), { type: 'application/json' });
    const { status, body } = await ask({ name: 'strikes', version: digest });
    assert.equal(status, 202, JSON.stringify(body));
    await jobWith(stack, body.jobId, 'succeeded');
    const rows = await resultOf(stack, body.jobId);
    assert.deepEqual(
      rows.map(({ record_id, y }) => [record_id, y]),
      Array.from({ length: 20 }, (_, at) => [`d-${at + 1}`, (at + 1) * 2]),
    );
    assert.equal((await ask({ name: 'others', version: digest })).body.code, 'serving.dataset_version_not_found');
    assert.equal((await ask({ name: 'strikes', version: 'f'.repeat(64) })).status, 404);
  });

  it('is submitted once, however often it is sent with the same key', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const answers = await Promise.all([1, 2, 3].map(() => submit(stack, 'scale', 'x\n1\n', { headers })));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [202, 202, 202],
    );
    assert.equal(new Set(answers.map(({ body }) => body.jobId)).size, 1);
    const other = await submit(stack, 'scale', 'x\n2\n', { headers });
    assert.equal(other.body.code, 'platform.idempotency_conflict');
    // the same file as another job is another job
    const again = await submit(stack, 'scale', 'x\n1\n');
    assert.notEqual(again.body.jobId, answers[0]?.body.jobId);
    await jobWith(stack, again.body.jobId, 'succeeded');
    await jobWith(stack, answers[0]?.body.jobId, 'succeeded');
  });

  it('is refused when its columns do not fit, it is no table, or it is not packed as it says', async () => {
    const refusals = [
      await submit(stack, 'scale', 'y\n1\n'),
      await submit(stack, 'scale', 'x\n1\n', { query: 'id=key' }),
      await submit(stack, 'scale', 'x\n1\n', { query: `mapping=${encodeURIComponent('{"z":"x"}')}` }),
      await submit(stack, 'scale', 'PAR1 and no more', { type: 'application/vnd.apache.parquet' }),
      await submit(stack, 'scale', 'x\n1\n', { headers: { 'content-encoding': 'gzip' } }),
      await submit(stack, 'scale', 'x\n1\n', { type: 'text/plain' }),
      await submit(stack, 'scale', '{"dataset":1}', { type: 'application/json' }),
      await submit(stack, 'unknown', 'x\n1\n'),
      await submit(stack, 'scale', 'x\n1\n', { query: 'mapping=[' }),
    ];
    assert.deepEqual(
      refusals.map(({ status }) => status),
      [422, 422, 422, 422, 400, 415, 400, 404, 400],
      JSON.stringify(refusals.map(({ body }) => body)),
    );
    assert.match(refusals[0]?.body.detail, /no column "x"; it has "y"/);
  });

  it('is refused when a column that it reads stands twice; another one may', async () => {
    for (const [text, query] of [
      ['x,x\n1,2\n', ''],
      ['id,x,id\na,1,b\n', 'id=id'],
    ] as const) {
      const { status, body } = await submit(stack, 'scale', text, { query });
      assert.deepEqual([status, body.code], [422, 'serving.batch_input_unfit']);
      assert.match(body.detail, /more than one column/);
    }
    assert.equal((await submit(stack, 'scale', 'id,x,id\na,1,b\n')).status, 202);
  });

  it('of an empty table has results without rows', async () => {
    const { body } = await submit(stack, 'scale', 'x\n', { query: 'output=csv' });
    const job = await jobWith(stack, body.jobId, 'succeeded');
    assert.deepEqual(job.rows, { total: 0, done: 0, failed: 0 });
    assert.deepEqual(await resultOf(stack, body.jobId), []);
  });

  it('is seen by who submitted it and by those who run models, with keys that cover the model', async () => {
    const [mine, others, elsewhere] = [
      await stack.key(['client']),
      await stack.key(['scientist']),
      await stack.key(['operator'], ['fraud-*']),
    ];
    const { body } = await submit(stack, 'scale', 'x\n1\n', { token: mine });
    const see = async (token: string) => (await call(`${stack.url}/v1/batch-jobs/${body.jobId}`, token)).status;
    assert.deepEqual([await see(mine), await see(others), await see(elsewhere)], [200, 200, 403]);
    const { body: foreign } = await submit(stack, 'scale', 'x\n1\n');
    assert.equal((await call(`${stack.url}/v1/batch-jobs/${foreign.jobId}`, mine)).status, 404);
    const { items } = (await call(`${stack.url}/v1/batch-jobs?model=scale`, mine)).body;
    assert.deepEqual(
      items.map(({ jobId }: { jobId: string }) => jobId),
      [body.jobId],
    );
    assert.equal((await submit(stack, 'scale', 'x\n1\n', { token: mine, query: 'version=1' })).body.code, 'serving.pin_forbidden');
    assert.equal(
      (await submit(stack, 'scale', 'x\n1\n', { token: mine, query: 'capture=off' })).body.code,
      'serving.capture_off_forbidden',
    );
    assert.equal((await submit(stack, 'scale', 'x\n1\n', { token: elsewhere })).status, 403);
    for (const { jobId } of [body, foreign]) await jobWith(stack, jobId, 'succeeded');
  });

  it('leaves its input and pieces behind for nobody, and its results for a while', async () => {
    const { body } = await submit(stack, 'scale', 'x\n1\n2\n');
    await jobWith(stack, body.jobId, 'succeeded');
    const objects = stack.control.app.get(BatchObjects, { strict: false });
    await eventually(
      async () => {
        const { items } = (await call(`${stack.url}/v1/batch-jobs?limit=500`, stack.operator)).body;
        const kept = new Set(items.flatMap(({ result }: { result: { digest: string } | null }) => (result ? [result.digest] : [])));
        const found: string[] = [];
        for await (const digest of objects.list()) found.push(digest);
        // and the lists of failed rows, one of them empty
        assert.ok(found.length <= kept.size + items.length, `${found.length} objects for ${kept.size} results`);
        assert.ok([...kept].every((digest) => found.includes(String(digest))));
        assert.equal(await objects.has(body.input.digest), false);
      },
      { timeoutMs: 20_000 },
    );
    assert.equal((await resultOf(stack, body.jobId)).length, 2);
  });
});
