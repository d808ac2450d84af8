import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { buckets, type GatewaySign, gatewayStopped, type RoutingEntry } from '@bascule/contracts';
import { KvWriter, openBucket } from '@bascule/messaging';
import { eventually, temporaryFolder } from '@bascule/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { CaptureService } from '../src/capture/capture.service.js';
import { spawnGateway } from './gateway-process.js';
import { scaleModel, scaleSignature } from './onnx-models.js';
import { call, captured, ready, type ServingStack, servingStack } from './serving-stack.js';

const body = () => ({
  parameters: { routing_key: randomUUID() },
  inputs: [{ name: 'x', shape: [2, 1], datatype: 'FP32', data: [1, 2] }],
});

describe('at the level strict', () => {
  let stack: ServingStack;
  let client: string;

  beforeAll(async () => {
    stack = await servingStack();
    client = await stack.key(['client']);
    const version = await stack.version(1, scaleModel(2), scaleSignature, { percent: 100, role: 'champion' });
    const entry: RoutingEntry = {
      modelName: 'scale',
      environment: 'production',
      revision: 1,
      rolloutId: null,
      versions: [version],
      capture: { level: 'strict' },
      updatedAt: new Date().toISOString(),
    };
    await new KvWriter(stack.connection).put(buckets.routing, 'scale', entry);
  });
  afterAll(() => stack?.stop());

  /** Asks from many sides until told to stop; keeps the ids of what was answered. */
  function load(url: string) {
    const ids: string[] = [];
    let isOver = false;
    const work = Array.from({ length: 16 }, async () => {
      while (!isOver) {
        const answer = await call(`${url}/v2/models/scale/infer`, client, { body: body() }).catch(() => undefined);
        if (answer?.status === 200) ids.push(...answer.body.parameters.prediction_id.split(','));
        else if (!answer) return;
      }
    });
    const end = async () => {
      isOver = true;
      await Promise.all(work);
    };
    return { ids, end, atLeast: (count: number) => eventually(() => assert.ok(ids.length >= count), { timeoutMs: 20_000 }) };
  }

  /** Every answered id is in the stream, each once. */
  const areThereOnce = (ids: readonly string[]) =>
    eventually(
      async () => {
        const counts = new Map<string, number>();
        const blocks = new Set<string>();
        for (const { producer, sequence, predictions } of await captured(stack)) {
          assert.ok(!blocks.has(`${producer}-${sequence}`), 'a block is in the stream twice');
          blocks.add(`${producer}-${sequence}`);
          for (const { predictionId } of predictions) counts.set(predictionId, (counts.get(predictionId) ?? 0) + 1);
        }
        assert.deepEqual(
          ids.filter((id) => counts.get(id) !== 1),
          [],
        );
      },
      { timeoutMs: 60_000 },
    );

  it('no answered prediction is lost or doubled when a worker, NATS and the gateway itself are killed under load', async () => {
    const spillDir = temporaryFolder('spill-strict');
    const first = await spawnGateway(stack, spillDir, { NATS_RESEND_WINDOW_MS: '5000' });
    await ready(first);
    const running = load(first.url);
    await running.atLeast(200);
    const [worker] = execFileSync('ps', ['--ppid', String(first.pid), '-o', 'pid='])
      .toString()
      .trim()
      .split(/\s+/);
    process.kill(Number(worker), 'SIGKILL');
    await running.atLeast(running.ids.length + 200);
    await stack.nats.kill();
    await running.atLeast(running.ids.length + 200);
    await stack.nats.restart();
    await running.atLeast(running.ids.length + 200);
    await first.kill('SIGKILL');
    await running.end();
    const second = await spawnGateway(stack, spillDir, { NATS_RESEND_WINDOW_MS: '5000' });
    await areThereOnce(running.ids);
    const { streams } = stack.connection.jsm;
    const told = await eventually(async () =>
      (await streams.getMessage('SERVING', { last_by_subj: gatewayStopped.type }))!.json<{
        isClean: boolean;
        producer: string;
        lastSequence: number;
      }>(),
    );
    assert.equal(told.isClean, false);
    const sequences = (await captured(stack)).filter(({ producer }) => producer === told.producer).map(({ sequence }) => Number(sequence));
    assert.equal(Math.max(...sequences), told.lastSequence);
    assert.equal(new Set(sequences).size, told.lastSequence);
    const signs = await openBucket(stack.connection, buckets.gateways);
    await eventually(async () => assert.equal((await signs.get(told.producer))?.json<GatewaySign>().state, 'recovered'));
    await second.kill('SIGTERM');
  });

  it('there is no answer without a record, and answers come again once there can be one', async () => {
    const spillDir = temporaryFolder('spill-strict-full');
    const gateway = await stack.start({ SPILL_DIR: spillDir });
    await ready(gateway);
    const folder = join(spillDir, gateway.app.get(CaptureService, { strict: false }).producer);
    const ask = () => call(`${gateway.url}/v2/models/scale/infer`, client, { body: body() });
    symlinkSync('/dev/full', join(folder, '0000000001.wal'));
    const refused = await ask();
    assert.deepEqual([refused.status, refused.body.code], [503, 'serving.capture_unavailable']);
    assert.ok(refused.headers.get('retry-after'));
    await eventually(async () => assert.equal((await ask()).status, 200));
  });
});
