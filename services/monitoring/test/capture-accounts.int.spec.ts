import {
  type AlertRaised,
  alertRaised,
  alertResolved,
  captureGapDetected,
  type GatewaySign,
  groundTruthReceived,
} from '@bascule/contracts';
import { newId } from '@bascule/platform';
import { CaptureTallySchema, type PredictionBlock, PredictionBlockSchema, Role } from '@bascule/proto';
import { eventually } from '@bascule/testing';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blockOf, type Shot, shot } from './blocks.js';
import { clientOf, type Monitoring, startMonitoring } from './start-monitoring.js';

const waitMs = { timeoutMs: 20_000 };

describe('what gateways counted', () => {
  let monitoring: Monitoring;
  let api: ReturnType<typeof clientOf>;

  beforeAll(async () => {
    monitoring = await startMonitoring();
    const token = await monitoring.key(['operator']);
    const { url } = await monitoring.start({ CAPTURE_GAP_AFTER_MS: '1500' });
    api = clientOf(url, token);
  });
  afterAll(() => monitoring?.stop());

  /** A block as the gateway `producer` would send it. */
  function send(producer: string, sequence: number, shots: readonly Shot[], change: (block: PredictionBlock) => void = () => undefined) {
    const block = fromBinary(PredictionBlockSchema, blockOf(shots));
    Object.assign(block, { producer, sequence: BigInt(sequence) });
    change(block);
    return monitoring.publishRaw(toBinary(PredictionBlockSchema, block));
  }
  const after = (rows: number) => (block: PredictionBlock) => {
    block.rowsBefore = BigInt(rows);
  };
  const accountOf = async (producer: string) =>
    (await api.get('capture/producers?limit=100')).body.items.find((item: { producer: string }) => item.producer === producer);
  const signOf = (producer: string, some: Partial<GatewaySign>): GatewaySign => ({
    producer,
    gatewayId: newId(),
    startedAt: new Date().toISOString(),
    at: new Date().toISOString(),
    sealedSequence: 0,
    sealedRows: 0,
    openRows: 0,
    dropped: 0,
    state: 'running',
    ...some,
  });
  const alertsOf = (producer: string) =>
    monitoring.events(alertRaised.type).filter(({ data }) => (data as AlertRaised['data']).message.includes(producer));

  it('is told apart from what arrived: missing blocks with an exact number of rows, closed when they come after all', async () => {
    const [producer, model] = [newId(), 'gapped'];
    const one = () => shot({ model });
    await send(producer, 1, [one(), one()], after(0));
    await send(producer, 4, [one()], after(9));
    const open = await eventually(async () => {
      const found = await accountOf(producer);
      expect(found).toMatchObject({ missingBlocks: 2, missing: [{ from: 2, to: 3 }], rowsLostAtMost: 7, rowsReceived: 3, models: [model] });
      return found;
    }, waitMs);
    expect(open.isEndUnknown).toBe(false);
    await eventually(() => {
      const told = monitoring.events(captureGapDetected.type).find(({ data }) => data['producer'] === producer);
      expect(told?.data).toMatchObject({ missing: [{ from: 2, to: 3 }], missingBlocks: 2, rowsAtMost: 7 });
    }, waitMs);
    await eventually(() => expect(alertsOf(producer)).toHaveLength(1), waitMs);
    await send(producer, 3, [one(), one(), one()], after(6));
    await eventually(
      async () => expect(await accountOf(producer)).toMatchObject({ missing: [{ from: 2, to: 2 }], rowsLostAtMost: 4 }),
      waitMs,
    );
    await send(producer, 2, [one(), one(), one(), one()], after(2));
    await eventually(async () => expect(await accountOf(producer)).toMatchObject({ missingBlocks: 0, rowsLostAtMost: 0 }), waitMs);
    await eventually(
      () => expect(monitoring.events(alertResolved.type).filter(({ data }) => data['modelName'] === model)).toHaveLength(1),
      waitMs,
    );
    expect(
      (await api.get('capture/producers?gaps=true&limit=100')).body.items.map((item: { producer: string }) => item.producer),
    ).not.toContain(producer);
  });

  it('shows what a gateway never sent before it stopped', async () => {
    const producer = newId();
    await send(producer, 1, [shot({ model: 'ended' })], after(0));
    await monitoring.sign(signOf(producer, { state: 'stopped', sealedSequence: 3, sealedRows: 21 }));
    await eventually(
      async () => expect(await accountOf(producer)).toMatchObject({ state: 'stopped', missing: [{ from: 2, to: 3 }], rowsLostAtMost: 20 }),
      waitMs,
    );
  });

  it('shows a gateway that fell silent, with what it had not closed, until somebody tells its end', async () => {
    const producer = newId();
    await send(producer, 1, [shot({ model: 'silent' })], after(0));
    await monitoring.sign(signOf(producer, { sealedSequence: 1, sealedRows: 1, openRows: 17 }));
    await eventually(async () => {
      expect(await accountOf(producer)).toMatchObject({ state: 'silent', isEndUnknown: true, missingBlocks: 0, rowsLostAtMost: 17 });
    }, waitMs);
    const [alert] = await eventually(() => {
      const found = monitoring.events(alertRaised.type).filter(({ data }) => data['modelName'] === 'silent');
      expect(found).toHaveLength(1);
      return found;
    }, waitMs);
    expect((alert!.data as AlertRaised['data']).message).toContain('fell silent');
    await send(
      producer,
      2,
      new Array(17).fill(0).map(() => shot({ model: 'silent' })),
      after(1),
    );
    await monitoring.sign(signOf(producer, { state: 'recovered', sealedSequence: 2, sealedRows: 18 }));
    await eventually(
      async () => expect(await accountOf(producer)).toMatchObject({ state: 'recovered', isEndUnknown: false, rowsLostAtMost: 0 }),
      waitMs,
    );
    await eventually(
      () => expect(monitoring.events(alertResolved.type).some(({ data }) => data['modelName'] === 'silent')).toBe(true),
      waitMs,
    );
  });

  it('is shown as waiting while a process sends what another one left, and as missing when nobody does any more', async () => {
    const producer = newId();
    const shownGaps = async () =>
      (await api.get('capture/producers?gaps=true&limit=100')).body.items.find((item: { producer: string }) => item.producer === producer);
    await send(producer, 1, [shot({ model: 'waiting' })], after(0));
    const say = (waitingBlocks: number) =>
      monitoring.sign(signOf(producer, { state: 'recovered', sealedSequence: 3, sealedRows: 3, waitingBlocks }));
    await eventually(async () => {
      await say(2);
      expect(await shownGaps()).toMatchObject({ state: 'recovered', waitingBlocks: 2, missingBlocks: 0, rowsLostAtMost: 0 });
    }, waitMs);
    await send(producer, 2, [shot({ model: 'waiting' })], after(1));
    await eventually(async () => {
      await say(2);
      expect(await shownGaps()).toMatchObject({ waitingBlocks: 1, missingBlocks: 0 });
    }, waitMs);
    await eventually(
      async () => expect(await shownGaps()).toMatchObject({ waitingBlocks: 0, missing: [{ from: 3, to: 3 }], rowsLostAtMost: 1 }),
      waitMs,
    );
    await send(producer, 3, [shot({ model: 'waiting' })], after(2));
    await eventually(async () => expect(await shownGaps()).toBeUndefined(), waitMs);
  });

  it('is not counted twice when blocks come again', async () => {
    const producer = newId();
    const rows = [shot({ model: 'twice' }), shot({ model: 'twice' })];
    for (let time = 0; time < 3; time++) await send(producer, 1, rows, after(0));
    await send(producer, 2, [shot({ model: 'twice' })], after(2));
    await eventually(
      async () => expect(await accountOf(producer)).toMatchObject({ lastSequence: 2, rowsReceived: 3, missingBlocks: 0 }),
      waitMs,
    );
  });

  it('says which share of the answers it sees, also in blocks without rows', async () => {
    const producer = newId();
    const tally = (answered: number, captured: number) => (block: PredictionBlock) => {
      block.tallies = [
        create(CaptureTallySchema, {
          modelName: 'partly',
          modelVersion: 2,
          answeredRows: BigInt(answered),
          capturedRows: BigInt(captured),
        }),
      ];
    };
    await send(producer, 1, [], tally(100, 20));
    await send(producer, 2, [], tally(300, 60));
    await send(newId(), 1, [], tally(100, 40));
    await eventually(async () => {
      const { body } = await api.get('models/partly/capture');
      expect(body.items).toEqual([{ version: 2, answeredCount: 400, capturedCount: 100, capturedShare: 0.25 }]);
    }, waitMs);
  });

  it('keeps shadows and rows without values out of windows, labels and what is learnt from; a shadow names its prediction', async () => {
    const model = 'shadowed';
    const real = shot({ model, clientRecordId: 'claim-1' });
    const copy = shot({ model, version: 2, clientRecordId: 'claim-1', role: Role.SHADOW });
    const hashed = shot({ model, clientRecordId: 'claim-2' });
    const all = newId();
    await send(all, 1, [real, copy, hashed], (block) => {
      block.predictions[1]!.shadowOf = real.id;
      Object.assign(block.predictions[2]!, { inputs: [], outputs: [], inputsHash: new Uint8Array(32).fill(7) });
      Object.assign(block.models[0]!, { runtime: 'onnxruntime-node 1', provider: 'cpu', processor: 'one of a kind' });
    });
    const windows = await eventually(async () => {
      const { body } = await api.get(`models/${model}/windows`);
      expect(body.items).toHaveLength(1);
      return body.items;
    }, waitMs);
    expect(windows[0]).toMatchObject({ version: 1, predictionCount: 1 });
    const truth = (clientRecordId: string) => ({ clientRecordId, label: 1, occurredAt: '1995-03-01T00:00:00Z', source: 'settlement' });
    const data = { submissionId: newId(), modelName: model, keyId: 'k', items: [truth('claim-1'), truth('claim-2')] };
    await monitoring.publish(groundTruthReceived, data);
    await eventually(async () => {
      const [{ n } = { n: 0 }] = await monitoring.query<{ n: number }>(
        `select count(*)::int as n from monitoring.labels where model_name = $1 and block_id is not null`,
        [model],
      );
      expect(n).toBe(2);
    }, waitMs);
    await eventually(() => {
      const published = monitoring.labelledRows().map(({ prediction }) => prediction?.predictionId);
      expect(published).toContain(real.id);
      expect(published).not.toContain(copy.id);
      expect(published).not.toContain(hashed.id);
    }, waitMs);
    const shown = (await api.get(`predictions/${copy.id}`)).body;
    expect(shown).toMatchObject({ role: 'shadow', shadowOf: real.id, label: null });
    const { body } = await api.get(`predictions/${hashed.id}`);
    expect(body).toMatchObject({ inputsHash: '07'.repeat(32), inputs: {}, label: { label: 1 } });
    expect(body.computedOn).toEqual({ runtime: 'onnxruntime-node 1', provider: 'cpu', processor: 'one of a kind' });
  });
});
