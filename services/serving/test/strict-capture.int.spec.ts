import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, symlinkSync } from 'node:fs';
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

  it('a gateway after one that was killed with a backlog records its own answers first, and says what waits', async () => {
    const spillDir = temporaryFolder('spill-backlog');
    const first = await spawnGateway(stack, spillDir);
    await ready(first);
    await stack.nats.kill();
    const running = load(first.url);
    await running.atLeast(1_500);
    await first.kill('SIGKILL');
    await running.end();
    await stack.nats.restart();
    const version = await stack.version(1, scaleModel(3), scaleSignature, { percent: 100, role: 'champion' });
    // cannot be read at the moment: what waits goes out once the gateway is ready, and until then it is not
    const unread = { ...version, artifactDigest: version.artifactDigest.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')) };
    mkdirSync(stack.objects.path(unread.artifactDigest), { recursive: true });
    await eventually(() => stack.route('late', 1, [unread]));
    const second = await spawnGateway(stack, spillDir);
    const [own] = await eventually(async () => {
      const answer = await call(`${second.url}/v2/models/scale/infer`, client, { body: body() });
      assert.equal(answer.status, 200);
      return answer.body.parameters.prediction_id.split(',');
    });
    const idsThere = async () => new Set((await captured(stack)).flatMap(({ predictions }) => predictions.map((row) => row.predictionId)));
    await eventually(async () => assert.ok((await idsThere()).has(own)));
    const signOf = async (state: string) => {
      const bucket = await openBucket(stack.connection, buckets.gateways);
      const signs = [];
      for await (const key of await bucket.keys()) signs.push((await bucket.get(key))?.json<GatewaySign>());
      return signs.filter((sign) => sign?.state === state).toSorted((a, b) => (a!.at < b!.at ? 1 : -1))[0];
    };
    const waiting = await eventually(async () => {
      const sign = await signOf('recovered');
      assert.ok(sign?.waitingBlocks);
      return sign;
    });
    assert.equal(waiting.waitingBlocks, waiting.sealedSequence);
    // rows whose answers were on their way are on the disk as well
    assert.ok(waiting.sealedRows >= running.ids.length);
    assert.ok(!(await idsThere()).has(running.ids[0] as string));
    await stack.route('late', 2, [version]);
    await areThereOnce([own, ...running.ids]);
    await eventually(async () => assert.equal((await signOf('recovered'))?.waitingBlocks, 0));
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
