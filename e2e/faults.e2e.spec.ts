import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cpSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { catalogue } from '@bascule/contracts';
import { eventually } from '@bascule/testing';
import { headers } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Loop, openLoop } from './open-loop.js';
import { type Broker, deadLetterCount, isDrained, openBroker, readerCount } from './streams.js';
import { sendClaims, storedCounts } from './traffic.js';

const cli = fileURLToPath(new URL('../libs/cli/dist/main.js', import.meta.url));
const patience = { timeoutMs: 90_000, intervalMs: 250 };

let loop: Loop;
let broker: Broker;

const bascule = (...args: string[]) =>
  execFileSync(process.execPath, [cli, '--data', loop.stack.directory.dir, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });

const sequencesListed = (reader: string, type: string) =>
  bascule('dead-letters', 'list')
    .split('\n')
    .filter((line) => line.includes(reader) && line.includes(type))
    .flatMap((line) => /^\s*(\d+)\s/.exec(line)?.[1] ?? []);

const allStored = (ids: readonly string[]) =>
  eventually(async () => {
    expect(await storedCounts(loop, ids)).toEqual({ monitoring: ids.length, governance: ids.length });
  }, patience);

beforeAll(async () => {
  // the growing delays between tries, made short
  loop = await openLoop({ env: { BASCULE_RETRY_DELAYS_MS: '100,300,900' } });
  broker = await openBroker(loop);
  const steps = await loop.play('promote').finished;
  expect(steps.map(({ ok, detail }) => (ok ? 'ok' : detail))).toEqual(['ok', 'ok', 'ok']);
});
afterAll(async () => {
  await broker?.close();
  await loop?.close();
});

describe('messages that cannot be handled', () => {
  it('keeps a malformed message of every subject as a dead letter and goes on', async () => {
    const before = await deadLetterCount(broker);
    for (const { type } of catalogue) await broker.js.publish(type, 'neither JSON nor protobuf \u0000');
    await eventually(() => isDrained(broker), patience);
    expect(await deadLetterCount(broker)).toBeGreaterThanOrEqual(before + (await readerCount(broker)));
    await loop.stack.ready();
    await allStored(await sendClaims(loop, 'after-malformed', 3));
  });

  it('tries a handler that throws again, then keeps the event with its reason; it can be shown, replayed and discarded', async () => {
    const id = randomUUID();
    const promotionId = randomUUID();
    const before = await deadLetterCount(broker);
    const attributes = headers();
    const values = {
      id,
      specversion: '1.0',
      type: 'governance.approval.granted.v1',
      source: '/bascule/governance',
      subject: promotionId,
      time: new Date().toISOString(),
      datacontenttype: 'application/json',
      correlationid: id,
    };
    for (const [name, value] of Object.entries(values)) attributes.set(`ce-${name}`, value);
    const data = JSON.stringify({
      approvalId: randomUUID(),
      promotionId,
      decidedBy: 'approver@local',
      reason: 'nobody asked for this promotion',
    });
    await broker.js.publish('governance.approval.granted.v1', data, { headers: attributes });
    await eventually(async () => expect(await deadLetterCount(broker)).toBe(before + 1), { timeoutMs: 60_000, intervalMs: 250 });
    const find = () =>
      sequencesListed('registry', 'governance.approval.granted.v1').find((sequence) =>
        bascule('dead-letters', 'show', sequence).includes(promotionId),
      );
    const sequence = find()!;
    expect(bascule('dead-letters', 'show', sequence)).toMatch(/attempts/);
    bascule('dead-letters', 'replay', sequence);
    const again = await eventually(() => find() ?? false, { timeoutMs: 60_000, intervalMs: 500 });
    expect(again).not.toBe(sequence);
    bascule('dead-letters', 'discard', again);
    expect(await deadLetterCount(broker)).toBe(before);
  });
});

describe('servers that go away', () => {
  it('answers every claim although serving is away for a while', async () => {
    const sending = sendClaims(loop, 'serving-away', 100);
    await loop.stack.hold('serving-1');
    await new Promise((resolve) => setTimeout(resolve, 3_000)); // away for a while is the fault itself
    await loop.stack.release('serving-1');
    await allStored(await sending);
  });

  it('answers and loses nothing while PostgreSQL restarts', async () => {
    const sending = sendClaims(loop, 'postgres-restart', 200);
    await loop.stack.kill('postgres');
    await allStored(await sending);
    await loop.stack.ready();
  });

  it('sends again what a killed nats-server had not yet written to disk', async () => {
    const store = loop.stack.directory.path('nats');
    const copy = `${store}-copy`;
    cpSync(store, copy, { recursive: true });
    const ids = await sendClaims(loop, 'nats-lost', 50);
    const frozen = await loop.call('governance', 'operator', 'POST', '/v1/freeze', { reason: 'an event to be lost by the server' });
    expect(frozen.status).toBeLessThan(300);
    await allStored(ids);
    await loop.stack.hold('nats');
    rmSync(store, { recursive: true });
    cpSync(copy, store, { recursive: true });
    const during = sendClaims(loop, 'nats-away', 50);
    await during;
    await loop.stack.release('nats');
    await loop.stack.ready();
    await allStored([...ids, ...(await during)]);
    await eventually(async () => {
      const found: string[] = [];
      const { state } = await broker.jsm.streams.info('GOVERNANCE');
      for (let sequence = state.first_seq; sequence <= state.last_seq; sequence++) {
        const message = await broker.jsm.streams.getMessage('GOVERNANCE', { seq: sequence });
        if (message?.subject === 'governance.loop.frozen.v1') found.push(message.string());
      }
      expect(found.some((data) => data.includes('an event to be lost by the server'))).toBe(true);
    }, patience);
    await loop.call('governance', 'operator', 'POST', '/v1/unfreeze', { reason: 'the server is back' });
  });
});

describe('a stream that is full', () => {
  it('goes on answering, keeps what it cannot publish, and publishes it when there is room', async () => {
    await eventually(() => isDrained(broker), patience);
    const { config, state } = await broker.jsm.streams.info('PREDICTIONS');
    await broker.jsm.streams.update('PREDICTIONS', { ...config, max_bytes: Math.max(state.bytes, 1) });
    const ids = await sendClaims(loop, 'stream-full', 60);
    expect(await storedCounts(loop, ids)).toEqual({ monitoring: 0, governance: 0 });
    await broker.jsm.streams.update('PREDICTIONS', config);
    await allStored(ids);
  });
});

describe('the freeze switch', () => {
  it('stops retraining within a second, survives restarts, and lets the loop go on afterwards', async () => {
    bascule('freeze', '--reason', 'a look at the data first');
    await loop.stack.kill('governance-1');
    await loop.stack.kill('training-1');
    await loop.stack.ready();
    const before = await loop.query<{ n: number }>('select count(*)::int as n from training.runs');
    const run = await loop.call<{ code: string }>('training', 'scientist', 'POST', '/v1/pipelines/claims-triage/runs', {});
    expect(run.status).toBeGreaterThanOrEqual(400);
    expect(JSON.stringify(run.body)).toContain('frozen');
    expect(await loop.query('select count(*)::int as n from training.runs')).toEqual(before);
    await allStored(await sendClaims(loop, 'while-frozen', 5));
    bascule('unfreeze', '--reason', 'the data is fine');
    await eventually(async () => {
      const accepted = await loop.call('training', 'scientist', 'POST', '/v1/pipelines/claims-triage/runs', {});
      expect(accepted.status).toBeLessThan(300);
    }, patience);
  });
});
