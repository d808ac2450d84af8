import assert from 'node:assert/strict';
import {
  buckets,
  endpointChanged,
  type GatewaySign,
  gatewayStarted,
  gatewayStopped,
  routingEntry,
  versionArchived,
  versionRegistered,
} from '@bascule/contracts';
import { openBucket } from '@bascule/messaging';
import { commitTo, verifyAnswer, verifyReceipt } from '@bascule/proofs';
import { type PredictionBlock, plainOf, Role } from '@bascule/proto';
import { eventually, temporaryFolder } from '@bascule/testing';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { CaptureService } from '../src/capture/capture.service.js';
import { isSampled } from '../src/capture/capture-level.js';
import { RoutingService } from '../src/routing/routing.service.js';
import { scaleModel, scaleSignature } from './onnx-models.js';
import { type RolloutStack, rolloutStack } from './rollout-stack.js';
import { call, captured, ready } from './serving-stack.js';

const model = 'scale';

describe('an endpoint', () => {
  let stack: RolloutStack;
  let client: string;

  beforeAll(async () => {
    stack = await rolloutStack();
    client = await stack.key(['client']);
    for (const [version, factor] of [
      [1, 2],
      [2, 3],
    ] as const) {
      const { digest: artifactDigest, sizeBytes: artifactSizeBytes } = await stack.objects.put(scaleModel(factor));
      const data = { modelName: model, version, artifactDigest, artifactSizeBytes, signature: scaleSignature };
      await stack.publisher.publishEvent({ definition: versionRegistered, data: { ...data, registeredBy: 'scientist@test', metrics: {} } });
      if (version === 1) await stack.approve({ modelName: model, version, model: scaleModel(factor) });
    }
    await eventually(async () => assert.equal((await infer()).status, 200), { timeoutMs: 20_000 });
  });
  afterAll(() => stack?.stop());

  const infer = (rows = 1, headers: Record<string, string> = {}, parameters = {}) =>
    call(`${stack.url}/v2/models/${model}/infer`, client, {
      headers,
      body: {
        parameters,
        inputs: [{ name: 'x', shape: [rows, 1], datatype: 'FP32', data: Array.from({ length: rows }, (_, i) => i + 0.5) }],
      },
    });
  const put = (what: 'capture' | 'shadow', body: object, token = stack.operator) =>
    call(`${stack.url}/v1/endpoints/${model}/${what}`, token, { method: 'PUT', body: { reason: 'a test', ...body } });
  const entry = async () => {
    const kv = await openBucket(stack.connection, buckets.routing);
    return routingEntry.parse((await kv.get(model))?.json());
  };
  const events = async (type: string) => {
    const { streams } = stack.connection.jsm;
    const { state } = await streams.info('SERVING');
    const found = [];
    for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
      const message = await streams.getMessage('SERVING', { seq });
      if (message?.subject === type) found.push(message.json<Record<string, unknown>>());
    }
    return found;
  };
  /** Sets a level and waits until the gateway goes by it. */
  async function capture(body: object): Promise<void> {
    assert.equal((await put('capture', body)).status, 200);
    const { revision } = await eventually(async () => {
      const present = await entry();
      assert.equal(present.capture?.level, (body as { level: string }).level);
      return present;
    });
    const routing = stack.serving.app.get(RoutingService, { strict: false });
    await eventually(() => assert.equal(routing.find(model)?.entry.revision, revision));
  }
  const rowsOf = (blocks: readonly PredictionBlock[], ids: readonly string[]) =>
    blocks.flatMap(({ predictions }) => predictions.filter(({ predictionId }) => ids.includes(predictionId)));
  const arrive = (ids: readonly string[]) =>
    eventually(async () => {
      const rows = rowsOf(await captured(stack), ids);
      assert.equal(rows.length, ids.length);
      return rows;
    });
  const idsOf = (answer: { body: { parameters: { prediction_id: string } } }) => answer.body.parameters.prediction_id.split(',');

  it('captures everything until an operator chooses otherwise, with a reason, told once', async () => {
    const get = async () => (await call(`${stack.url}/v1/endpoints/${model}/capture`, client)).body;
    assert.deepEqual(await get(), { modelName: model, environment: 'production', level: 'all', setBy: null, reason: null, setAt: null });
    assert.equal((await put('capture', { level: 'off' }, client)).status, 403);
    for (const body of [{ level: 'some' }, { level: 'sampled' }, { level: 'off', samplePercent: 5 }, { level: 'off', reason: ' ' }])
      assert.equal((await put('capture', body)).status, 400, JSON.stringify(body));
    await capture({ level: 'sampled', samplePercent: 25 });
    assert.equal((await put('capture', { level: 'sampled', samplePercent: 25 })).status, 200);
    const { setBy, reason, level, samplePercent } = await get();
    assert.deepEqual([setBy, reason, level, samplePercent], ['operator@test', 'a test', 'sampled', 25]);
    await eventually(async () => {
      const told = (await events(endpointChanged.type)).map(({ capture, changedBy }) => ({ capture, changedBy }));
      assert.deepEqual(told, [{ capture: { level: 'sampled', samplePercent: 25 }, changedBy: 'operator@test' }]);
    });
    assert.equal((await call(`${stack.url}/v1/endpoints/nothing/capture`, stack.operator)).status, 404);
    const unknown = { method: 'PUT', body: { reason: 'r', level: 'off' } };
    assert.equal((await call(`${stack.url}/v1/endpoints/nothing/capture`, stack.operator, unknown)).status, 404);
  });

  it('captures a sample that the prediction id alone decides, and blocks say how much was left out', async () => {
    await capture({ level: 'sampled', samplePercent: 25 });
    const ids = idsOf(await infer(400));
    const expected = ids.filter((id) => isSampled(id, 25));
    assert.ok(expected.length > 40 && expected.length < 160, String(expected.length));
    await arrive(expected);
    assert.equal(rowsOf(await captured(stack), ids).length, expected.length);
    await eventually(
      async () => {
        const tally = (await captured(stack)).flatMap(({ tallies }) => tallies).at(-1);
        assert.deepEqual([tally?.modelName, tally?.modelVersion], [model, 1]);
        assert.equal(Number(tally!.answeredRows - tally!.capturedRows), ids.length - expected.length);
      },
      { timeoutMs: 15_000 },
    );
  });

  it('captures nothing when it is off, and says so in a block without rows', async () => {
    await capture({ level: 'off' });
    const before = (await captured(stack)).length;
    const ids = idsOf(await infer(7));
    const since = async () => (await captured(stack)).slice(before);
    await eventually(async () => {
      const [tally] = (await since()).at(-1)?.tallies ?? [];
      assert.ok(tally && tally.answeredRows - tally.capturedRows >= 7n);
    });
    assert.ok((await since()).every(({ predictions }) => predictions.length === 0));
    assert.equal(rowsOf(await captured(stack), ids).length, 0);
  });

  it('captures hashes in place of values, which the client can prove with the salt in its receipt', async () => {
    await capture({ level: 'hashes' });
    const answer = await infer(2, { 'x-bascule-receipt': '1' });
    const ids = idsOf(answer);
    const rows = await arrive(ids);
    assert.ok(rows.every(({ inputs, outputs }) => inputs.length === 0 && outputs.length === 0));
    const { items } = (await call(`${stack.url}/v1/receipts/keys`, client)).body;
    const { isGenuine, statement } = verifyReceipt(answer.body.parameters.receipt, items[0].verifierKey);
    assert.ok(isGenuine);
    assert.deepEqual(verifyAnswer(statement!, answer.body).answer, 'matches');
    answer.body.outputs[0].data[1] += 1;
    assert.match(verifyAnswer(statement!, answer.body).reason, new RegExp(`outputs of prediction ${ids[1]}`));
    for (const [i, row] of statement!.rows.entries()) {
      const record = rows.find(({ predictionId }) => predictionId === row.predictionId)!;
      const prove = (side: object) => commitTo(side, Buffer.from(row.salt, 'hex')).toString('hex');
      assert.equal(prove({ x: i + 0.5 }), Buffer.from(record.inputsHash).toString('hex'));
      assert.equal(prove({ y: (i + 0.5) * 2 }), row.outputs);
      assert.equal(row.kept, 'hashes');
    }
  });

  it('answers with a signed receipt when asked by header or parameter; the audit trail has the key', async () => {
    await capture({ level: 'all' });
    const [started] = await events(gatewayStarted.type);
    for (const answer of [await infer(1, { 'x-bascule-receipt': '1' }), await infer(1, {}, { receipt: true })]) {
      const { statement } = verifyReceipt(answer.body.parameters.receipt, started?.['receiptKey'] as string);
      assert.equal(statement?.rows[0]?.predictionId, answer.body.parameters.prediction_id);
      const blocks = await eventually(async () => {
        const found = (await captured(stack)).filter((block) => rowsOf([block], idsOf(answer)).length > 0);
        assert.equal(found.length, 1);
        return found;
      });
      assert.equal(blocks[0]?.producer, statement?.producer);
      assert.equal(Number(blocks[0]?.sequence), statement?.blocks?.from);
    }
    assert.equal((await infer()).body.parameters.receipt, undefined);
    const many = await infer(1_001, { 'x-bascule-receipt': '1' });
    assert.deepEqual([many.status, many.body.code], [400, 'serving.too_many_receipt_rows']);
  });

  it('lets a shadow see copies, captured beside the answer, and nothing of it reaches the client', async () => {
    assert.equal((await put('shadow', { version: 9 })).status, 422);
    assert.equal((await put('shadow', { version: 1 })).status, 422);
    const chosen = await put('shadow', { version: 2 });
    assert.deepEqual([chosen.status, chosen.body.shadow.version, chosen.body.shadow.percent], [200, 2, 100]);
    const pair = await eventually(
      async () => {
        const answer = await infer(3);
        assert.deepEqual([answer.status, answer.body.model_version, answer.body.outputs[0].data], [200, '1', [1, 3, 5]]);
        const ids = idsOf(answer);
        return eventually(
          async () => {
            const all = (await captured(stack)).flatMap(({ predictions }) => predictions);
            const copies = all.filter(({ shadowOf }) => ids.includes(shadowOf));
            assert.equal(copies.length, 3);
            return {
              ids,
              copies,
              requestIds: new Set([...all.filter((row) => ids.includes(row.predictionId)), ...copies].map((row) => row.requestId)),
            };
          },
          { timeoutMs: 3_000 },
        );
      },
      { timeoutMs: 30_000 },
    );
    assert.deepEqual(
      pair.ids.map((id) => plainOf(pair.copies.find(({ shadowOf }) => shadowOf === id)?.outputs[0])),
      [1.5, 4.5, 7.5],
    );
    assert.ok(pair.copies.every(({ role }) => role === Role.SHADOW));
    assert.equal(pair.requestIds.size, 1);
    const pinned = await call(`${stack.url}/v2/models/${model}/versions/2/infer`, client, {
      body: { inputs: [{ name: 'x', shape: [1, 1], datatype: 'FP32', data: [1] }] },
    });
    assert.equal(pinned.status, 403);
    const archived = { modelName: model, version: 2, archivedBy: 'admin@test', reason: 'it is old' };
    await stack.publisher.publishEvent({ definition: versionArchived, data: archived });
    await eventually(async () => assert.ok(!(await entry()).versions.some(({ role }) => role === 'shadow')));
    assert.equal((await put('shadow', { version: 2 })).status, 422);
    await eventually(async () => {
      const told = (await events(endpointChanged.type)).map(({ shadow }) => shadow).filter((shadow) => shadow !== undefined);
      assert.equal((told[0] as { version: number } | undefined)?.version, 2);
      assert.equal(told.at(-1), null);
    });
  });

  it('is followed by the gateways when its database was restored from a backup', async () => {
    await capture({ level: 'hashes' });
    const newest = await entry();
    await stack.serving.app
      .get(DataSource, { strict: false })
      .query(`update endpoints set revision = 1, capture = null where model_name = '${model}'`);
    const overtaken = await eventually(async () => {
      const present = await entry();
      assert.ok(present.revision > newest.revision);
      return present;
    });
    assert.equal(overtaken.capture, undefined);
    const history = (await call(`${stack.url}/v1/endpoints/${model}/history`, stack.operator)).body.items;
    assert.deepEqual([history[0].revision, history[0].capture], [overtaken.revision, null]);
  });

  it('has gateways that tell how far they have counted, and that they stopped', async () => {
    const gateway = await stack.start({ SPILL_DIR: temporaryFolder('spill-sign') });
    await ready(gateway);
    const { producer } = gateway.app.get(CaptureService, { strict: false });
    const infer = { inputs: [{ name: 'x', shape: [300, 1], datatype: 'FP32', data: new Array(300).fill(1) }] };
    assert.equal((await call(`${gateway.url}/v2/models/${model}/infer`, client, { body: infer })).status, 200);
    const kv = await openBucket(stack.connection, buckets.gateways);
    const sign = async () => (await kv.get(producer))?.json<GatewaySign>();
    await eventually(async () => {
      const { state, sealedSequence, sealedRows } = (await sign())!;
      assert.deepEqual({ state, sealedSequence, sealedRows }, { state: 'running', sealedSequence: 2, sealedRows: 300 });
    });
    await gateway.close();
    assert.equal((await sign())?.state, 'stopped');
    const ended = (await events(gatewayStopped.type)).find((event) => event['producer'] === producer);
    assert.deepEqual([ended?.['lastSequence'], ended?.['rows'], ended?.['isClean']], [2, 300, true]);
  });
});
