import { hash } from 'node:crypto';
import { buckets } from '@bascule/contracts';
import { inference } from '@bascule/proto';
import { eventually, temporaryFolder } from '@bascule/testing';
import { createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeEntry, encodeEntry } from '../src/repeats/repeat-entry.js';
import { spawnGateway } from './gateway-process.js';
import { countingModel, countingSignature, scaleModel, scaleSignature } from './onnx-models.js';
import { call, captured, type Running, ready, type ServingStack, servingStack } from './serving-stack.js';

let stack: ServingStack;
let one: Running;
let two: Running;
let token: string;

const settings = { REPEATS_LEASE_MS: '600', MODEL_DEADLINE_MS: '60000' };
const body = (x: number) => ({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 1], data: [x] }] });
const address = ({ url }: { url: string }, model = 'scale') => `${url}/v2/models/${model}/infer`;
const withKey = (key: string) => ({ 'idempotency-key': key });
const bucket = () => stack.connection.kvm.open(buckets.repeats);

/** What the bucket holds under a key of this client, whatever the model. */
async function claimsLike(idempotencyKey: string) {
  const kv = await bucket();
  const keyId = token.split('_')[1];
  const keys = ['scale', 'count'].map((model) => hash('sha256', JSON.stringify([keyId, model, idempotencyKey]), 'hex'));
  const found = await Promise.all(keys.map((key) => kv.get(key)));
  return found.flatMap((entry) => (entry?.operation === 'PUT' ? [decodeEntry(entry.value)] : []));
}

/** Ids of all captured rows, one entry per row. */
async function capturedIds(): Promise<string[]> {
  return (await captured(stack)).flatMap(({ predictions }) => predictions.map(({ predictionId }) => predictionId));
}
const timesCaptured = async (id: string) => (await capturedIds()).filter((other) => other === id).length;

beforeAll(async () => {
  stack = await servingStack();
  token = await stack.key(['client']);
  await stack.route('scale', 1, [
    await stack.version(1, scaleModel(2), scaleSignature, { percent: 50, role: 'champion' }),
    await stack.version(2, scaleModel(3), scaleSignature, { percent: 50, role: 'challenger' }),
  ]);
  await stack.route('count', 1, [await stack.version(1, countingModel(), countingSignature, { percent: 100, role: 'champion' })]);
  one = await stack.start(settings);
  two = await stack.start(settings);
  await Promise.all([ready(one), ready(two)]);
});
afterAll(() => stack.stop());

describe('a call with an Idempotency-Key', () => {
  it('gets the first answer from any gateway, and is captured once', async () => {
    const headers = withKey('repeat-1');
    const first = await call(address(one), token, { body: body(4), headers });
    const again = await call(address(two), token, { body: body(4), headers });
    expect(first.status).toBe(200);
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('x-bascule-model-version')).toBe(first.headers.get('x-bascule-model-version'));
    const id = first.body.parameters.prediction_id as string;
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    await eventually(async () => (await timesCaptured(id)) === 1);
    // later blocks come after: had the repeat been captured, it would be there by now
    const later = await call(address(two), token, { body: body(5) });
    await eventually(async () => (await timesCaptured(later.body.parameters.prediction_id)) === 1);
    expect(await timesCaptured(id)).toBe(1);
  });

  it('may be repeated over the other protocol', async () => {
    const client = createClient(inference.GRPCInferenceService, createGrpcTransport({ baseUrl: two.grpcUrl }));
    const headers = { authorization: `Bearer ${token}`, 'idempotency-key': 'repeat-2' };
    const request = {
      modelName: 'scale',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [2n, 1n], contents: { fp32Contents: [1, Number.NaN] } }],
    };
    let isReplay: string | null = null;
    const first = await client.modelInfer(request, { headers });
    const again = await client.modelInfer(request, { headers, onHeader: (sent) => (isReplay = sent.get('idempotency-replayed')) });
    expect(again).toEqual(first);
    expect(isReplay).toBe('true');
    const rest = await call(address(one), token, {
      body: { inputs: [{ name: 'x', datatype: 'FP32', shape: [2, 1], data: [[1], [null]] }] },
      headers: withKey('repeat-2'),
    });
    expect(rest.body.parameters.prediction_id).toBe(first.parameters['prediction_id']?.parameterChoice.value);
    expect(rest.body.outputs[0].data[1]).toBeNull();
  });

  it('is refused when it asks for something else', async () => {
    const headers = withKey('repeat-3');
    await call(address(one), token, { body: body(1), headers });
    const other = await call(address(two), token, { body: body(2), headers });
    expect({ status: other.status, code: other.body.code }).toEqual({ status: 409, code: 'platform.idempotency_conflict' });
    expect(other.body.error).toContain('Idempotency-Key');
  });

  it('is one call however many come at once', async () => {
    const headers = withKey('repeat-4');
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, turn) => call(address(turn % 2 ? one : two), token, { body: body(7), headers })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 40 }, () => 200));
    const ids = new Set(answers.map((answer) => answer.body.parameters.prediction_id as string));
    expect(ids.size).toBe(1);
    expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') === null)).toHaveLength(1);
    const [id] = ids;
    await eventually(async () => (await timesCaptured(id as string)) === 1);
  });

  it('is another call under another credential or model', async () => {
    const other = await stack.key(['client']);
    const headers = withKey('repeat-5');
    const first = await call(address(one), token, { body: body(1), headers });
    const foreign = await call(address(one), other, { body: body(2), headers });
    expect(foreign.status).toBe(200);
    expect(foreign.body.parameters.prediction_id).not.toBe(first.body.parameters.prediction_id);
  });

  it('that fails leaves its key free', async () => {
    const headers = withKey('repeat-6');
    const wrong = await call(address(one), token, {
      body: { inputs: [{ name: 'y', datatype: 'FP32', shape: [1, 1], data: [1] }] },
      headers,
    });
    const right = await call(address(two), token, { body: body(1), headers });
    expect([wrong.status, right.status]).toEqual([400, 200]);
  });

  it('that fails for a passing reason keeps its ids for the next try', async () => {
    const request = { inputs: [{ name: 'n', datatype: 'INT64', shape: [], data: [400_000] }] };
    const headers = withKey('repeat-9');
    const late = await call(address(one, 'count'), token, { body: { ...request, parameters: { timeout: 1_000 } }, headers });
    expect(late.status).toBe(504);
    const entries = await claimsLike('repeat-9');
    expect(entries.map(({ state }) => state)).toEqual(['open']);
    const done = await call(address(two, 'count'), token, { body: request, headers });
    expect(done.status).toBe(200);
    expect(done.body.parameters.prediction_id.slice(0, 13)).toBe(entries[0]!.seed.slice(0, 13));
  });

  it('needs a key that can be one', async () => {
    for (const key of ['a b', 'x'.repeat(201), '']) {
      const answer = await call(address(one), token, { body: body(1), headers: withKey(key) });
      expect({ status: answer.status, code: answer.body.code }).toEqual({ status: 400, code: 'platform.invalid_idempotency_key' });
    }
  });

  it('whose answer is too large to keep is refused before anything is captured', async () => {
    const rows = 30_000;
    const large = { inputs: [{ name: 'x', datatype: 'FP32', shape: [rows, 1], data: new Array(rows).fill(1) }] };
    const before = (await capturedIds()).length;
    const answer = await call(address(one), token, { body: large, headers: withKey('repeat-7') });
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status: 413, code: 'serving.answer_too_large_to_keep' });
    const next = await call(address(one), token, { body: body(1) });
    await eventually(async () => (await timesCaptured(next.body.parameters.prediction_id)) === 1);
    expect((await capturedIds()).length).toBeLessThan(before + 100);
  });

  it('works again when the bucket was lost', async () => {
    await (await bucket()).destroy();
    await eventually(async () => (await call(address(one), token, { body: body(1), headers: withKey('repeat-8') })).status === 200);
    expect((await call(address(two), token, { body: body(1), headers: withKey('repeat-8') })).headers.get('idempotency-replayed')).toBe(
      'true',
    );
  });
});

describe('a bucket that is full', () => {
  it('refuses calls with a key and no others, and grows to the size that is set', async () => {
    const { streams } = stack.connection.jsm;
    const name = `KV_${buckets.repeats}`;
    const { config } = await streams.info(name);
    await streams.update(name, { ...config, max_bytes: 600 });
    const refused = await call(address(one), token, { body: body(1), headers: withKey('full-1') });
    expect({ status: refused.status, code: refused.body.code }).toEqual({ status: 503, code: 'serving.repeats_unavailable' });
    expect(refused.body.detail).toContain('full');
    expect((await call(address(one), token, { body: body(1) })).status).toBe(200);
    // the next one opens the bucket anew
    await eventually(async () => (await call(address(one), token, { body: body(1), headers: withKey('full-2') })).status === 200);
    expect((await streams.info(name)).config.max_bytes).toBe(config.max_bytes);
  });
});

describe('when a gateway dies', () => {
  it('after capturing and before leaving the answer, a repeat is captured under the same id', async () => {
    const headers = withKey('crash-1');
    const first = await call(address(one), token, { body: body(9), headers });
    const id = first.body.parameters.prediction_id as string;
    // the bucket as the gateway would have left it
    const kv = await bucket();
    const keys: string[] = [];
    for await (const key of await kv.keys()) keys.push(key);
    for (const key of keys) {
      const entry = decodeEntry((await kv.get(key))!.value);
      const text = Buffer.from(entry.answer).toString('latin1');
      if (text.includes(id)) await kv.put(key, encodeEntry({ ...entry, state: 'claimed', answer: new Uint8Array() }));
    }
    const again = await call(address(two), token, { body: body(9), headers });
    expect(again.body).toEqual(first.body);
    await eventually(async () => (await timesCaptured(id)) === 2);
    // readers tell a repeat by id and time of receipt
    const rows = (await captured(stack)).flatMap(({ predictions }) => predictions.filter(({ predictionId }) => predictionId === id));
    expect(rows[1]?.receivedAtMs).toBe(rows[0]?.receivedAtMs);
    expect(rows[1]?.occurredAtMs).toBe(rows[0]?.occurredAtMs);
  });

  it('with kill -9 in the middle of a run, another one answers', async () => {
    const doomed = await spawnGateway(stack, temporaryFolder('spill-doomed'), settings);
    await ready(doomed);
    const request = { body: { inputs: [{ name: 'n', datatype: 'INT64', shape: [], data: [300_000] }] }, headers: withKey('crash-2') };
    const kv = await bucket();
    const entriesBefore = (await kv.status()).values;
    const lost = call(address(doomed, 'count'), token, request).catch(() => 'lost');
    await eventually(async () => (await kv.status()).values > entriesBefore);
    await doomed.kill();
    expect(await lost).toBe('lost');
    const answer = await call(address(two, 'count'), token, request);
    expect(answer.status).toBe(200);
    expect(answer.body.outputs[0].data).toEqual([300_000]);
    const replay = await call(address(one, 'count'), token, request);
    expect(replay.body).toEqual(answer.body);
  });

  it('and NATS is away, calls without a key go on and those with one say why not', async () => {
    await stack.nats.stop();
    await eventually(async () => {
      const answer = await call(address(one), token, { body: body(1), headers: withKey('away-1') });
      return answer.status === 503 && answer.body.code === 'serving.repeats_unavailable';
    });
    const refused = await call(address(one), token, { body: body(1), headers: withKey('away-1') });
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.body.remedy).toContain('without the Idempotency-Key');
    expect((await call(address(one), token, { body: body(1) })).status).toBe(200);
  });
});
