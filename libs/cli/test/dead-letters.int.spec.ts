import { deadLetterStream, ensureStreams, type NatsConnectionHolder, openConnection } from '@bascule/messaging';
import { testNats } from '@bascule/testing';
import { headers } from '@nats-io/transport-node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCli } from './run-cli.js';
import { type StandInStack, standInStack } from './stand-in-stack.js';

let stack: StandInStack;
let connection: NatsConnectionHolder;
let stop: () => Promise<void>;

beforeAll(async () => {
  const nats = await testNats();
  stop = nats.stop;
  connection = await openConnection(nats.url, 'test');
  await ensureStreams(connection.jsm);
  stack = await standInStack(() => ({ status: 200, body: {} }), nats.url);
});
afterAll(async () => {
  await connection?.close();
  stack?.close();
  await stop?.();
});

async function bury(data: string | Uint8Array, contentType?: string): Promise<number> {
  const attributes = headers();
  const values = {
    'ce-id': '01890000-0000-7000-8000-000000000001',
    'bascule-reason': 'the version is gone',
    'bascule-error-code': 'registry.version_not_found',
    'bascule-attempts': '8',
    'bascule-reader': 'registry',
    'bascule-consumer': 'registry-run-succeeded-v1',
    'bascule-stream': 'TRAINING',
    'bascule-sequence': '3',
    'bascule-subject': 'training.run.succeeded.v1',
  };
  for (const [name, value] of Object.entries(values)) attributes.set(name, value);
  if (contentType) attributes.set('content-type', contentType);
  return (await connection.js.publish('dead-letter.registry.run-succeeded', data, { headers: attributes })).seq;
}

const left = async () => (await connection.jsm.streams.info(deadLetterStream)).state.messages;

it('lists, shows and discards', async () => {
  const sequence = String(await bury('{"runId":"1"}'));
  expect((await runCli(stack.dir, 'dead-letters', 'list')).out).toMatch(
    /registry could not handle training\.run\.succeeded\.v1 \(8 attempts\): the version is gone/,
  );
  const shown = await runCli(stack.dir, 'dead-letters', 'show', sequence);
  expect(shown.out).toContain('registry.version_not_found');
  expect(shown.out).toContain('"runId": "1"');
  expect((await runCli(stack.dir, 'dead-letters', 'discard', sequence)).code).toBe(0);
  expect(await left()).toBe(0);
  expect((await runCli(stack.dir, 'dead-letters', 'list')).out).toBe('there are no dead letters\n');
});

it('shows no character that a terminal would act on', async () => {
  const text = String(await bury('\u001b[2J not JSON\r'));
  const shown = await runCli(stack.dir, 'dead-letters', 'show', text);
  expect(shown.out).toContain('\\x1b[2J not JSON\\x0d');
  expect(shown.out).not.toContain('\u001b');
  const block = String(await bury(new Uint8Array([8, 1, 0, 0x41]), 'application/protobuf'));
  expect((await runCli(stack.dir, 'dead-letters', 'show', block)).out).toMatch(
    /4 bytes of application\/protobuf\n0{8} {2}08 01 00 41 +\.\.\.A/,
  );
  for (const sequence of [text, block]) await runCli(stack.dir, 'dead-letters', 'discard', sequence);
});

it('replays to the original subject', async () => {
  const sequence = String(await bury('not even JSON'));
  expect((await runCli(stack.dir, 'dead-letters', 'replay', sequence)).out).toContain(
    'training.run.succeeded.v1 was sent to registry once more',
  );
  expect(await left()).toBe(0);
  expect((await connection.jsm.streams.getMessage('TRAINING', { last_by_subj: 'training.run.succeeded.v1' }))?.string()).toBe(
    'not even JSON',
  );
});

it('says so when there is no such letter', async () => {
  const { code, err } = await runCli(stack.dir, 'dead-letters', 'show', '999');
  expect(code).toBe(1);
  expect(err).not.toContain(' at ');
  expect((await runCli(stack.dir, 'dead-letters', 'show', 'first')).err).toContain('the number that');
});
