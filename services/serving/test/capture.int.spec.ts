import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { groundTruthReceived, type RoutedVersion } from '@bascule/contracts';
import { newId } from '@bascule/platform';
import { eventually, temporaryFolder } from '@bascule/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { CaptureService } from '../src/capture/capture.service.js';
import type { Answered } from '../src/capture/prediction-record.js';
import { encodeRecord, encodeSeal } from '../src/capture/write-ahead.js';
import { countingSignature, scaleModel, scaleSignature } from './onnx-models.js';
import { call, captured, type Running, ready, type ServingStack, servingStack } from './serving-stack.js';

const routed: RoutedVersion = {
  version: 1,
  artifactDigest: 'a'.repeat(64),
  artifactSizeBytes: 1,
  signature: countingSignature,
  percent: 100,
  role: 'champion',
};

/** One answered row with so many numbers in it. */
function answered(width: number): Answered {
  const data = new Float64Array(width).fill(0.1);
  return {
    loaded: { modelName: 'wide', routed, runtime: 'test', isBatched: true },
    role: 'champion',
    predictionIds: [newId()],
    requestId: 'r',
    keyId: 'k',
    receivedAtMs: Date.now(),
    latencyUs: 1,
    traceparent: '',
    rolloutId: '',
    records: { clientRecordIds: [''], occurredAtMs: [0] },
    inputs: [{ name: 'x', datatype: 'FP64', shape: [1, width], data }],
    outputs: [],
  };
}

describe('what a gateway has captured', () => {
  let stack: ServingStack;

  beforeAll(async () => {
    stack = await servingStack();
  });
  afterAll(() => stack?.stop());

  const seen = async () =>
    new Set((await captured(stack)).flatMap(({ predictions }) => predictions.map(({ predictionId }) => predictionId)));
  const arrive = (ids: readonly string[]) =>
    eventually(
      async () => {
        const there = await seen();
        assert.deepEqual(
          ids.filter((id) => !there.has(id)),
          [],
        );
      },
      { timeoutMs: 15_000 },
    );
  const captureOf = (gateway: Running) => gateway.app.get(CaptureService, { strict: false });

  it('is sent in messages that NATS takes, also when single rows are nearly as large', async () => {
    const capture = captureOf(await stack.start({ SPILL_DIR: temporaryFolder('spill-wide') }));
    const rows = [answered(1), answered(75_000), answered(75_000), answered(1)];
    await Promise.all(rows.map((row) => capture.record(row)));
    await arrive(rows.flatMap(({ predictionIds }) => predictionIds));
  });

  it('is sent from memory when its file cannot be written', async () => {
    const spillDir = temporaryFolder('spill-full');
    const capture = captureOf(await stack.start({ SPILL_DIR: spillDir }));
    symlinkSync('/dev/full', join(spillDir, capture.producer, '0000000001.wal'));
    const rows = [answered(1), answered(1)];
    for (const row of rows) await capture.record(row);
    await arrive(rows.flatMap(({ predictionIds }) => predictionIds));
    assert.equal(capture.dropped, 0);
  });

  it('stays on disk when a process that ended left a file that cannot be read; the other files are sent', async () => {
    const spillDir = temporaryFolder('spill-left');
    const left = join(spillDir, newId());
    mkdirSync(join(left, '0000000000.wal'), { recursive: true });
    const seal = { sequence: 1, rows: 0, dropped: 7, runtime: 'left behind' };
    writeFileSync(join(left, '0000000001.wal'), Buffer.concat([encodeRecord('model', new Uint8Array()), encodeSeal(seal)]));
    utimesSync(left, new Date(0), new Date(0));
    await stack.start({ SPILL_DIR: spillDir, NATS_RESEND_WINDOW_MS: '1000' });
    await eventually(async () => assert.ok((await captured(stack)).some(({ runtime }) => runtime === 'left behind')), {
      timeoutMs: 15_000,
    });
    const files = () => readdirSync(spillDir, { recursive: true }).map((path) => basename(String(path)));
    await eventually(() => assert.ok(!files().includes('0000000001.wal')), { timeoutMs: 15_000 });
    assert.ok(files().includes('0000000000.wal'));
  });

  it('comes back after a server has forgotten it and was away for longer than anything is kept', async () => {
    const own = await servingStack();
    const token = await own.key(['client']);
    await own.route('scale', 1, [await own.version(1, scaleModel(2), scaleSignature, { percent: 100, role: 'champion' })]);
    const windowMs = 8_000;
    const gateway = await own.start({ NATS_RESEND_WINDOW_MS: String(windowMs) });
    await ready(gateway);
    const items = [{ clientRecordId: 'a', label: 1, occurredAt: '2002-01-01T00:00:00Z', source: 's' }];
    const many = { inputs: [{ name: 'x', shape: [50_000, 1], datatype: 'FP32', data: new Array(50_000).fill(1) }] };
    const file = join(own.spillDir, captureOf(gateway).producer, '0000000001.wal');
    assert.equal((await call(`${gateway.url}/v2/models/scale/infer`, token, { body: many })).status, 200);
    const stored = async () => (await own.connection.jsm.streams.info('PREDICTIONS')).state.messages;
    await eventually(async () => assert.equal(await stored(), Math.ceil(50_000 / 256)), { timeoutMs: 20_000 });
    // full by now: only its age keeps it
    assert.ok(existsSync(file));
    assert.equal((await call(`${gateway.url}/v1/models/scale/ground-truth`, token, { body: { items } })).status, 202);
    await own.nats.kill();
    own.nats.restoreStore(temporaryFolder('empty-store'));
    const back = Date.now() + windowMs + 2_500;
    await eventually(() => Date.now() > back, { timeoutMs: 20_000 });
    assert.ok(existsSync(file));
    await own.nats.restart();
    await eventually(
      async () => {
        const { state } = await own.connection.jsm.streams.info('SERVING', { subjects_filter: groundTruthReceived.type });
        assert.equal(state.subjects?.[groundTruthReceived.type], 1);
        assert.equal(await stored(), Math.ceil(50_000 / 256));
      },
      { timeoutMs: 20_000 },
    );
    await own.stop();
  });
});
