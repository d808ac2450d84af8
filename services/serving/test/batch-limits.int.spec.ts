import assert from 'node:assert/strict';
import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { BatchObjects } from '../src/batch-pieces/batch-objects.store.js';
import { type BatchStack, batchStack, jobWith, submit } from './batch-stack.js';
import { call } from './serving-stack.js';

describe('the limits of batch jobs', () => {
  let stack: BatchStack;

  beforeAll(async () => {
    stack = await batchStack({ BATCH_MAX_BYTES: '2000', BATCH_MAX_ROWS: '20', BATCH_JOBS_PER_KEY: '2', BATCH_PIECES_AT_ONCE: '0' });
    await stack.startGateway();
    await stack.promote('scale');
  });
  afterAll(() => stack?.stop());

  const headersOf = (token: string) => ({ authorization: `Bearer ${token}`, 'content-type': 'text/csv' });
  const rows = (count: number) => `x\n${'1\n'.repeat(count)}`;
  const objects = async () => {
    const found: string[] = [];
    for await (const digest of stack.control.app.get(BatchObjects, { strict: false }).list()) found.push(digest);
    return found;
  };

  it('hold for the bytes of the input, packed or not', async () => {
    const answers = [
      await submit(stack, 'scale', rows(2_000)),
      await submit(stack, 'scale', gzipSync(rows(2_000)), { headers: { 'content-encoding': 'gzip' } }),
    ];
    assert.deepEqual(
      answers.map(({ body }) => body.code),
      ['serving.batch_input_too_large', 'serving.batch_input_too_large'],
    );
    // packed as a file: seen when it is read
    const { status, body } = await submit(stack, 'scale', gzipSync(rows(2_000)));
    assert.deepEqual([status, body.code], [422, 'tables.unpacks_too_large'], JSON.stringify(body));
  });

  it('hold against a bomb, wherever the packing is: little is unpacked of it, and nothing stays', async () => {
    const bomb = gzipSync(`x\n${'1\n'.repeat(20_000_000)}`);
    const before = await objects();
    const upload = await submit(stack, 'scale', bomb, { headers: { 'content-encoding': 'gzip' } });
    // as a file it is over the limit already; twice packed it is small
    const nested = await submit(stack, 'scale', gzipSync(bomb), { headers: { 'content-encoding': 'gzip' } });
    const file = await submit(stack, 'scale', gzipSync(gzipSync(bomb)));
    assert.deepEqual([upload.status, nested.status], [413, 413], JSON.stringify([upload.body, nested.body]));
    // unpacked once, what is inside is no table with the columns of the model
    assert.deepEqual([file.status, file.body.code], [422, 'serving.batch_input_unfit'], JSON.stringify(file.body));
    await eventually(async () => assert.ok((await objects()).length <= before.length), { timeoutMs: 20_000 });
  });

  it('hold for the rows: the job fails and says so', async () => {
    const { body } = await submit(stack, 'scale', rows(21));
    const job = await jobWith(stack, body.jobId, 'failed');
    assert.match(job.reason, /20/);
  });

  it('leave nothing behind of what is refused or sent again', async () => {
    const key = { 'idempotency-key': 'once' };
    const first = await submit(stack, 'scale', rows(4), { headers: key });
    const before = await objects();
    assert.equal((await submit(stack, 'scale', 'y\n7\n')).status, 422);
    assert.equal((await submit(stack, 'scale', rows(5), { headers: key })).status, 409);
    assert.equal((await submit(stack, 'scale', rows(4), { headers: key })).body.jobId, first.body.jobId);
    const pieces = (await objects()).filter((digest) => !before.includes(digest));
    assert.ok(pieces.length <= 1, 'the piece of the first');
    assert.ok((await objects()).includes(first.body.input.digest));
    await call(`${stack.url}/v1/batch-jobs/${first.body.jobId}/cancel`, stack.operator, { method: 'POST' });
  });

  it('let an input be sent again that went with another job, whenever that was', async () => {
    const store = stack.control.app.get(BatchObjects, { strict: false });
    const token = await stack.key(['client']);
    const send = () => fetch(`${stack.url}/v1/models/scale/batch-jobs`, { method: 'POST', body: rows(6), headers: headersOf(token) });
    const put = store.put.bind(store);
    store.put = async (content) => {
      const stored = await put(content);
      await store.delete(stored.digest);
      return stored;
    };
    const refused = await send().finally(() => {
      store.put = put;
    });
    assert.deepEqual(
      [refused.status, ((await refused.json()) as { code: string }).code, refused.headers.get('retry-after')],
      [503, 'serving.batch_input_removed', '1'],
    );
    assert.equal((await send()).status, 202);
  });

  it('leave nothing behind of an upload that breaks off', async () => {
    const before = (await objects()).length;
    const { hostname, port } = new URL(stack.url);
    const headers = { authorization: `Bearer ${stack.operator}`, 'content-type': 'text/csv', 'content-length': '1000' };
    const sent = request({ hostname, port, method: 'POST', path: '/v1/models/scale/batch-jobs', headers });
    sent.on('error', () => undefined);
    sent.write(rows(5), () => setImmediate(() => sent.destroy()));
    await new Promise((resolve) => sent.once('close', resolve));
    assert.equal((await call(`${stack.url}/v1/batch-jobs`, stack.operator)).status, 200);
    await eventually(async () => assert.ok((await objects()).length <= before));
  });

  it('hold for the jobs of a key, also when they come at once; another key is not held up', async () => {
    const [one, other] = [await stack.key(['client']), await stack.key(['client'])];
    const answers = await Promise.all(Array.from({ length: 6 }, () => submit(stack, 'scale', rows(3), { token: one })));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [202, 202, 429, 429, 429, 429]);
    assert.equal((await submit(stack, 'scale', rows(3), { token: other })).status, 202);
    const { items } = (await call(`${stack.url}/v1/batch-jobs?limit=1`, one)).body;
    assert.equal(items.length, 1);
    for (const { status, body } of answers) {
      if (status === 202) await call(`${stack.url}/v1/batch-jobs/${body.jobId}/cancel`, one, { method: 'POST' });
    }
    assert.equal((await submit(stack, 'scale', rows(3), { token: one })).status, 202);
  });

  it('refuse what is asked in a way that means nothing', async () => {
    const odd = ['output=xml', 'version=0', 'mapping={"x":1}', 'mapping={"__proto__":"x"}', 'id=%00', 'limit=1', `id=${'a'.repeat(1_001)}`];
    const statuses = [];
    for (const query of odd) statuses.push((await submit(stack, 'scale', rows(1), { query })).status);
    assert.deepEqual(statuses.slice(0, 3), [400, 400, 400]);
    assert.ok(
      statuses.every((status) => status < 500),
      String(statuses),
    );
    const misspelt = await submit(stack, 'scale', rows(1), { query: 'outputt=csv' });
    assert.equal(misspelt.status, 400);
    assert.match(JSON.stringify(misspelt.body), /outputt/);
    const dataset = { name: 'claims', version: 'a'.repeat(64) };
    const more = await submit(stack, 'scale', JSON.stringify({ dataset, output: 'csv' }), { type: 'application/json' });
    assert.deepEqual([more.status, more.body.code], [400, 'platform.invalid_request']);
    const path = `${stack.url}/v1/batch-jobs/01a20790-eb15-77c1-b98e-8ad22a386cde`;
    assert.equal((await call(path, stack.operator)).body.code, 'serving.batch_job_not_found');
    assert.equal((await call(`${path}/cancel`, stack.operator, { method: 'POST' })).status, 404);
  });
});
