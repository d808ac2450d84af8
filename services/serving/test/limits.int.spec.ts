import assert from 'node:assert/strict';
import { hashSecret, newKey } from '@bascule/access';
import { type AccessEntry, type AccessLimits, buckets } from '@bascule/contracts';
import { KvWriter } from '@bascule/messaging';
import { inference } from '@bascule/proto';
import { eventually, temporaryFolder, withinOneDay } from '@bascule/testing';
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { spawnGateway } from './gateway-process.js';
import { countingModel, countingSignature, scaleModel, scaleSignature } from './onnx-models.js';
import { call, type Running, ready, type ServingStack, servingStack } from './serving-stack.js';

const rowsOf = (rows: number) => ({
  inputs: [{ name: 'x', shape: [rows, 1], datatype: 'FP32', data: Array.from({ length: rows }, (_, row) => row) }],
});

describe('limits of a key', () => {
  let stack: ServingStack;
  let one: Running;
  let two: Running;

  beforeAll(async () => {
    stack = await servingStack();
    await stack.route('scale', 1, [await stack.version(1, scaleModel(2), scaleSignature, { percent: 100, role: 'champion' })]);
    await stack.route('count', 1, [await stack.version(1, countingModel(), countingSignature, { percent: 100, role: 'champion' })]);
    // runs that do not end hold their places no longer than it takes to see that
    const short = { MODEL_DEADLINE_MS: '2500' };
    [one, two] = await Promise.all([stack.start(short), stack.start({ ...short, SPILL_DIR: temporaryFolder('spill-two') })]);
    await Promise.all([ready(one), ready(two)]);
    await eventually(async () => assert.match(await standing(one), /shared with 1 other/));
    await eventually(async () => assert.match(await standing(two), /shared with 1 other/));
  });
  afterAll(() => stack?.stop());

  async function standing({ url }: { url: string }): Promise<string> {
    const { checks } = (await (await fetch(`${url}/health/ready`)).json()) as { checks: Record<string, { detail: string }> };
    return checks['limits']!.detail;
  }

  /** A key with limits, known to the gateways. */
  async function limited(limits: AccessLimits, gateways: { url: string }[] = [one, two]): Promise<{ token: string; entry: AccessEntry }> {
    // quotas are those of a day: none begins in the midst of it
    if (limits.rowsPerDay) await withinOneDay();
    const { keyId, secret, token } = newKey();
    const grant = { identity: 'lim', roles: ['client' as const], models: ['*'], datasets: [], revokedAt: null };
    const entry: AccessEntry = { keyId, secretHash: hashSecret(secret), ...grant, limits };
    await new KvWriter(stack.connection).put(buckets.access, keyId, entry);
    for (const { url } of gateways) {
      await eventually(async () => (await call(`${url}/v2/models/scale/ready`, token)).status === 200);
    }
    return { token, entry };
  }

  /** Asks for rows in a way that fails when it is admitted: a failed request gives its rows back. */
  const probe = ({ url }: { url: string }, token: string, rows: number) =>
    call(`${url}/v2/models/scale/infer`, token, { body: { inputs: [{ ...rowsOf(rows).inputs[0], name: 'unknown' }] } });
  const hasHeard = (gateway: { url: string }, token: string, rowsTooMany: number) =>
    eventually(async () => (await probe(gateway, token, rowsTooMany)).body.code === 'serving.quota_exhausted');

  const infer = ({ url }: { url: string }, token: string, rows = 1) => call(`${url}/v2/models/scale/infer`, token, { body: rowsOf(rows) });

  it('hold over two gateways: what comes too fast is refused, and admitted when Retry-After has passed', async () => {
    const { token } = await limited({ requestsPerSecond: 0.5, burst: 8 });
    const startedAt = Date.now();
    const answers = await Promise.all(Array.from({ length: 60 }, (_, index) => infer(index % 2 ? one : two, token)));
    const admitted = answers.filter(({ status }) => status === 200).length;
    const meanwhile = 2 + ((Date.now() - startedAt) / 1000) * 0.5;
    // half of the burst each, give or take one where the share moved
    assert.ok(admitted >= 6 && admitted <= 8 + meanwhile, `${admitted} admitted`);
    // the last word of the gateway that is asked again: the other one's share is another
    const refused = answers.findLast(({ status }, index) => index % 2 === 1 && status !== 200)!;
    assert.deepEqual([refused.status, refused.body.code, refused.body.error], [429, 'serving.rate_limited', refused.body.detail]);
    let answer = refused;
    // shares that move meanwhile may put it off once or twice
    for (let times = 0; times < 3 && answer.status !== 200; times++) {
      const seconds = Number(answer.headers.get('retry-after'));
      assert.ok(seconds >= 1 && seconds <= 60, `${seconds}`);
      const comeBackAt = Date.now() + seconds * 1000;
      await eventually(() => Date.now() > comeBackAt, { timeoutMs: 61_000 });
      answer = await infer(one, token);
    }
    assert.equal(answer.status, 200);
  });

  it('give a client that stays with one gateway nearly all of its rate', async () => {
    const { token } = await limited({ requestsPerSecond: 40, burst: 40 });
    const admittedAtOnce = async () => {
      const answers = await Promise.all(Array.from({ length: 40 }, () => infer(one, token)));
      return answers.filter(({ status }) => status === 200).length;
    };
    const startedAt = performance.now();
    const admitted = await admittedAtOnce();
    // as much as came back meanwhile is no part of what it has at once
    assert.ok(admitted < 34 + ((performance.now() - startedAt) / 1000) * 40, `${admitted} admitted`);
    await eventually(async () => (await admittedAtOnce()) >= 34, { intervalMs: 1500, timeoutMs: 20_000 });
  });

  it('count rows over both gateways, over a restart, and not those of failed requests', async () => {
    const { token, entry } = await limited({ rowsPerDay: 100 });
    assert.equal((await infer(one, token, 60)).status, 200);
    for (let attempt = 0; attempt < 3; attempt++) assert.equal((await probe(one, token, 40)).status, 400);
    await hasHeard(two, token, 41);
    const toMidnight = () => 86_400 - (Math.floor(Date.now() / 1000) % 86_400);
    const askedBefore = toMidnight();
    const refused = await infer(two, token, 41);
    assert.equal(refused.body.code, 'serving.quota_exhausted');
    const secondsAfter = Number(refused.headers.get('retry-after')) - toMidnight();
    assert.ok(secondsAfter >= -1 && secondsAfter <= askedBefore - toMidnight() + 2, `${secondsAfter}`);
    assert.equal((await infer(two, token, 40)).status, 200);
    const third = await stack.start({ SPILL_DIR: temporaryFolder('spill-three') });
    await ready(third);
    // the last rows are told within a second
    await hasHeard(third, token, 1);
    assert.equal((await infer(third, token)).body.code, 'serving.quota_exhausted');
    await third.close();
    assert.equal((await infer(one, token, 101)).body.code, 'serving.rows_beyond_quota');
    await new KvWriter(stack.connection).put(buckets.access, entry.keyId, { ...entry, limits: { rowsPerDay: 200 } });
    await eventually(async () => (await infer(one, token, 100)).status === 200, { timeoutMs: 1000 });
  });

  it('remember the rows of a gateway that was killed', async () => {
    const killed = await spawnGateway(stack, temporaryFolder('spill-killed'));
    await ready(killed);
    const { token } = await limited({ rowsPerDay: 10 }, [killed]);
    assert.equal((await infer(killed, token, 10)).status, 200);
    await hasHeard(one, token, 1);
    await killed.kill();
    const heir = await stack.start({ SPILL_DIR: temporaryFolder('spill-heir') });
    await ready(heir);
    assert.equal((await infer(heir, token, 1)).body.code, 'serving.quota_exhausted');
    await heir.close();
    await eventually(async () => assert.match(await standing(one), /shared with 1 other/), { timeoutMs: 10_000 });
  });

  it('allow so many requests at once, and the next as soon as one has ended', async () => {
    // two for each gateway
    const { token } = await limited({ concurrentRequests: 4 }, [one]);
    const count = (to: number) =>
      call(`${one.url}/v2/models/count/infer`, token, { body: { inputs: [{ name: 'n', shape: [], datatype: 'INT64', data: [to] }] } });
    assert.equal((await count(3)).status, 200);
    const slow = [count(2 ** 50), count(2 ** 50)];
    const refused = await eventually(async () => {
      const answer = await count(1);
      return answer.status === 429 && answer;
    });
    assert.deepEqual([refused.body.code, refused.headers.get('retry-after')], ['serving.too_many_concurrent', '1']);
    // both fail in the end, which frees their slots as well
    for (const { status } of await Promise.all(slow)) assert.ok(status >= 500, `${status}`);
    await eventually(async () => (await count(1)).status === 200);
  });

  it('hold over the processes of one machine', async () => {
    const machine = await spawnGateway(stack, temporaryFolder('spill-machine'), { SERVING_PROCESSES: '2' });
    await ready(machine);
    await eventually(async () => assert.match(await standing(one), /shared with 3 other/), { timeoutMs: 20_000 });
    const { token } = await limited({ rowsPerDay: 10 }, [machine]);
    assert.equal((await infer(machine, token, 10)).status, 200);
    const headers = { connection: 'close' };
    const body = { inputs: [{ ...rowsOf(1).inputs[0], name: 'unknown' }] };
    const everyoneRefuses = async () => {
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => call(`${machine.url}/v2/models/scale/infer`, token, { body, headers })),
      );
      return answers.every(({ status }) => status === 429);
    };
    await eventually(everyoneRefuses, { timeoutMs: 20_000 });
    await machine.kill('SIGTERM');
    await eventually(async () => assert.match(await standing(one), /shared with 1 other/), { timeoutMs: 20_000 });
  });

  it('are told by gRPC with the same code and wait', async () => {
    const { token } = await limited({ requestsPerSecond: 0.1 });
    const client = createClient(inference.GRPCInferenceService, createGrpcTransport({ baseUrl: one.grpcUrl }));
    const request = { modelName: 'scale', inputs: [{ name: 'x', datatype: 'FP32', shape: [1n, 1n], contents: { fp32Contents: [1] } }] };
    const ask = () => client.modelInfer(request, { headers: { authorization: `Bearer ${token}` } });
    await ask();
    await assert.rejects(ask(), (error: ConnectError) => {
      assert.equal(error.code, Code.ResourceExhausted);
      assert.match(error.message, /serving\.rate_limited/);
      assert.ok(Number(error.metadata.get('retry-after')) >= 1);
      return true;
    });
  });

  it('go on while NATS is away, with the shares of before, and are exchanged again afterwards', async () => {
    const { token } = await limited({ rowsPerDay: 50, requestsPerSecond: 1000 });
    assert.equal((await infer(one, token, 20)).status, 200);
    await hasHeard(two, token, 31);
    await stack.nats.kill();
    assert.equal((await infer(two, token, 31)).status, 429);
    assert.equal((await infer(two, token, 30)).status, 200);
    await stack.nats.restart();
    await eventually(async () => assert.equal((await infer(one, token, 1)).body.code, 'serving.quota_exhausted'), { timeoutMs: 20_000 });
  });
});
