import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { groundTruthReceived, rolloutCompleted, rolloutStarted } from '@bascule/contracts';
import { Publisher } from '@bascule/messaging';
import { eventually, temporaryFolder, testDatabase } from '@bascule/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { migrations } from '../src/migrations/index.js';
import { spawnGateway } from './gateway-process.js';
import { countingModel, countingSignature, scaleModel, scaleSignature } from './onnx-models.js';
import { approve } from './rollout-stack.js';
import { call, captured, ready, type ServingStack, servingStack } from './serving-stack.js';

const body = (value: number) => ({
  parameters: { routing_key: randomUUID() },
  inputs: [{ name: 'x', shape: [1, 1], datatype: 'FP32', data: [value] }],
});

describe('with things failing around it', () => {
  let stack: ServingStack;
  let client: string;

  beforeAll(async () => {
    stack = await servingStack();
    client = await stack.key(['client', 'operator']);
    await stack.route('scale', 1, [await stack.version(1, scaleModel(2), scaleSignature, { percent: 100, role: 'champion' })]);
  });
  afterAll(() => stack?.stop());

  it('a gateway answers on without NATS and loses no capture, not even what NATS acknowledged and forgot', async () => {
    const gateway = await stack.start();
    await ready(gateway);
    const ids: string[] = [];
    const infer = async () => {
      const answer = await call(`${gateway.url}/v2/models/scale/infer`, client, { body: body(1) });
      assert.equal(answer.status, 200);
      ids.push(answer.body.parameters.prediction_id);
    };
    const missing = async () => {
      const seen = new Set((await captured(stack)).flatMap(({ predictions }) => predictions.map(({ predictionId }) => predictionId)));
      return ids.filter((id) => !seen.has(id));
    };
    const copy = join(temporaryFolder('nats-copy'), 'store');
    stack.nats.copyStore(copy);
    for (let index = 0; index < 20; index++) await infer();
    await eventually(async () => assert.deepEqual(await missing(), []));
    await stack.nats.kill();
    stack.nats.restoreStore(copy);
    for (let index = 0; index < 20; index++) await infer();
    const items = [{ clientRecordId: 'a', label: 1, occurredAt: '2002-01-01T00:00:00Z', source: 's' }];
    const refused = await call(`${gateway.url}/v1/models/scale/ground-truth`, client, { body: { items } });
    assert.equal(refused.status, 503);
    assert.ok(refused.headers.get('retry-after'));
    await stack.nats.restart();
    await eventually(async () => assert.deepEqual(await missing(), []), { timeoutMs: 30_000 });
  });

  it('a gateway brings accepted ground truth back to a nats-server that lost its store', async () => {
    const own = await servingStack();
    const token = await own.key(['client']);
    await own.route('scale', 1, [await own.version(1, scaleModel(2), scaleSignature, { percent: 100, role: 'champion' })]);
    const gateway = await own.start();
    await ready(gateway);
    const items = [{ clientRecordId: 'a', label: 1, occurredAt: '2002-01-01T00:00:00Z', source: 's' }];
    assert.equal((await call(`${gateway.url}/v1/models/scale/ground-truth`, token, { body: { items } })).status, 202);
    await own.nats.kill();
    own.nats.restoreStore(temporaryFolder('empty-store'));
    await own.nats.restart();
    await eventually(async () => {
      const { state } = await own.connection.jsm.streams.info('SERVING', { subjects_filter: groundTruthReceived.type });
      assert.equal(state.subjects?.[groundTruthReceived.type], 1);
    });
    await own.stop();
  });

  it('a gateway asked to stop answers what it has accepted and leaves no process and no unsent capture behind', async () => {
    // it ends before: so long a busy client may need to see that it is to open another connection
    const gateway = await spawnGateway(stack, temporaryFolder('spill-stop'), { DRAIN_MS: '8000' });
    await ready(gateway);
    const ids: string[] = [];
    const faults: unknown[] = [];
    let isOver = false;
    const load = Array.from({ length: 8 }, async () => {
      while (!isOver) {
        try {
          const answer = await call(`${gateway.url}/v2/models/scale/infer`, client, { body: body(1) });
          if (answer.status === 200) ids.push(answer.body.parameters.prediction_id);
          else faults.push(answer.status);
        } catch (error) {
          const { code } = ((error as Error).cause ?? {}) as { code?: string };
          // nobody listens any more: the request was not accepted
          if (code === 'ECONNREFUSED') return;
          faults.push(code);
        }
      }
    });
    await eventually(() => ids.length > 100);
    const exitCode = await gateway.kill('SIGTERM');
    isOver = true;
    await Promise.all(load);
    assert.equal(exitCode, 0);
    assert.deepEqual(faults, []);
    const seen = new Set((await captured(stack)).flatMap(({ predictions }) => predictions.map(({ predictionId }) => predictionId)));
    assert.deepEqual(
      ids.filter((id) => !seen.has(id)),
      [],
    );
  });

  it('a killed gateway takes along its model process, even one inside a run that does not end', async () => {
    await stack.route('count', 1, [await stack.version(1, countingModel(), countingSignature, { percent: 100, role: 'champion' })]);
    const gateway = await spawnGateway(stack, temporaryFolder('spill-stuck'), { MODEL_DEADLINE_MS: '60000' });
    const count = (to: number) =>
      call(`${gateway.url}/v2/models/count/infer`, client, { body: { inputs: [{ name: 'n', shape: [], datatype: 'INT64', data: [to] }] } });
    await eventually(async () => assert.equal((await count(3)).status, 200), { timeoutMs: 20_000 });
    const modelProcesses = execFileSync('pgrep', ['-P', String(gateway.pid), '-f', 'onnx.runtime.js'])
      .toString()
      .trim()
      .split('\n')
      .map(Number);
    const usedTicks = () => modelProcesses.reduce((sum, pid) => sum + Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[13]), 0);
    const before = usedTicks();
    const endless = assert.rejects(count(2 ** 50));
    // a tick is a hundredth of a second: by now it counts
    await eventually(() => usedTicks() > before + 20);
    await gateway.kill('SIGKILL');
    await endless;
    const left = () => modelProcesses.filter((pid) => existsSync(`/proc/${pid}`));
    try {
      await eventually(() => left().length === 0);
    } finally {
      // one that stayed would hold the output of the tests open for ever
      for (const pid of left()) process.kill(pid, 'SIGKILL');
    }
  });

  it('two replicas do each step of a rollout once and both serve', async () => {
    const database = await testDatabase('serving', migrations);
    const env = { SERVING_ROLES: 'control,gateway', DATABASE_URL: database.url };
    const replicas = [await stack.start(env), await stack.start(env)];
    const modelName = 'replicated';
    const publisher = replicas[0]!.app.get(Publisher, { strict: false });
    await approve(stack, publisher, { modelName, version: 1, model: scaleModel(4), strategy: { steps: [10, 100] } });
    for (const { url } of replicas) {
      await eventually(async () =>
        assert.equal((await call(`${url}/v2/models/${modelName}/infer`, client, { body: body(2) })).status, 200),
      );
    }
    await eventually(async () => {
      const { state } = await stack.connection.jsm.streams.info('SERVING', { subjects_filter: 'serving.rollout.>' });
      assert.deepEqual([state.subjects?.[rolloutStarted.type], state.subjects?.[rolloutCompleted.type]], [1, 1]);
    });
    const { body: history } = await call(`${replicas[1]!.url}/v1/endpoints/${modelName}/history`, client);
    assert.deepEqual(
      history.items.map(({ revision }: { revision: number }) => revision),
      [3, 2, 1].slice(-history.items.length),
    );
    for (const replica of replicas) await replica.close();
    await database.stop();
  });
});
