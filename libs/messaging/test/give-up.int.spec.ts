import { type AccessChanged, accessChanged, predictionLogged } from '@bascule/contracts';
import { defineError } from '@bascule/platform';
import { eventually, testNats } from '@bascule/testing';
import { headers } from '@nats-io/transport-node';
import { type INestApplicationContext, Injectable } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  Consume,
  ConsumeAll,
  ConsumeBlock,
  type DeadLetter,
  discardDeadLetter,
  ensureStreams,
  getDeadLetter,
  listDeadLetters,
  type NatsConnectionHolder,
  openConnection,
  Publisher,
  type RawMessage,
  type ReceivedBlock,
  replayDeadLetter,
} from '../src/index.js';
import { accessDraft, startReader } from './start-reader.js';

const hopeless = defineError({ code: 'test.hopeless', kind: 'unprocessable', title: 'It cannot be done', remedy: 'Do not.' });
const tooEarly = defineError({ code: 'test.too_early', kind: 'not_found', title: 'Not there yet', remedy: 'Wait.' });
const retryDelaysMs = [20];

@Injectable()
class Reactions {
  readonly tries: string[] = [];
  readonly others: string[] = [];
  readonly raw: RawMessage[] = [];
  readonly blocks: string[] = [];
  fails: (keyId: string, attempt: number) => Error | undefined = () => undefined;

  @Consume(accessChanged, { maxAttempts: 3, retryDelaysMs })
  async react({ data }: AccessChanged): Promise<void> {
    this.tries.push(data.keyId);
    const error = this.fails(data.keyId, this.tries.filter((keyId) => keyId === data.keyId).length);
    if (error) throw error;
  }

  @Consume(accessChanged, { name: 'other' })
  async reactToo({ data }: AccessChanged): Promise<void> {
    this.others.push(data.keyId);
  }

  @ConsumeBlock(predictionLogged, { maxAttempts: 2, retryDelaysMs })
  async write(block: ReceivedBlock): Promise<void> {
    this.blocks.push(block.id);
  }

  @ConsumeAll()
  async append(message: RawMessage): Promise<void> {
    this.raw.push(message);
  }
}

describe('a message that cannot be handled', () => {
  let nats: Awaited<ReturnType<typeof testNats>>;
  let connection: NatsConnectionHolder;
  let app: INestApplicationContext;
  let reactions: Reactions;

  const letters = async (): Promise<DeadLetter[]> => (await listDeadLetters(connection)).items;
  const oneLetter = () =>
    eventually(async () => {
      const items = await letters();
      expect(items).toHaveLength(1);
      return items[0]!;
    });
  const isSettled = (durable: string, stream = 'GOVERNANCE') =>
    eventually(async () => {
      const info = await connection.jsm.consumers.info(stream, durable);
      expect(info.num_ack_pending + info.num_pending).toBe(0);
      return true;
    });

  beforeAll(async () => {
    nats = await testNats();
    connection = await openConnection(nats.url, 'test');
    await ensureStreams(connection.jsm);
  });
  afterAll(async () => {
    await connection.close();
    await nats.stop();
  });
  beforeEach(async () => {
    app = await startReader(nats.url, 'registry', [Reactions]);
    reactions = app.get(Reactions);
  });
  afterEach(async () => {
    await app.close();
    for (const stream of ['GOVERNANCE', 'PREDICTIONS', 'DEAD_LETTER']) await connection.jsm.streams.purge(stream);
  });

  it('is a dead letter with its reason after the last try, although its last delivery was refused too', async () => {
    reactions.fails = () => new Error('boom');
    await app.get(Publisher).publishEvent(accessDraft('failing'));
    const letter = await oneLetter();
    expect(letter).toMatchObject({
      reader: 'registry',
      consumer: 'registry-access-changed-v1',
      reason: 'Error: boom',
      errorCode: 'messaging.unexpected',
      attempts: 3,
      originalSubject: accessChanged.type,
    });
    expect(reactions.tries).toEqual(['failing', 'failing', 'failing']);
    await isSettled('registry-access-changed-v1');
  });

  it('is a dead letter at once when its error says that trying again is no use', async () => {
    reactions.fails = () => hopeless();
    await app.get(Publisher).publishEvent(accessDraft('hopeless'));
    expect(await oneLetter()).toMatchObject({ errorCode: 'test.hopeless', attempts: 1 });
    expect(reactions.tries).toHaveLength(1);
  });

  it('is handled in the end when what it waited for arrives', async () => {
    reactions.fails = (_keyId, attempt) => (attempt < 3 ? tooEarly() : undefined);
    await app.get(Publisher).publishEvent(accessDraft('early'));
    await eventually(() => reactions.tries.length === 3);
    await isSettled('registry-access-changed-v1');
    expect(await letters()).toEqual([]);
  });

  it('is held, not counted, while a dependency is away', async () => {
    const outage = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    reactions.fails = (_keyId, attempt) => (attempt < 5 ? outage : undefined);
    await app.get(Publisher).publishEvent(accessDraft('outage'));
    await eventually(() => reactions.tries.length === 5, { timeoutMs: 15_000 });
    await isSettled('registry-access-changed-v1');
    expect(await letters()).toEqual([]);
  });

  it('reaches the reader that failed, and no other, when it is replayed', async () => {
    reactions.fails = () => hopeless();
    const { seq } = await app.get(Publisher).publishEvent(accessDraft('again'));
    const letter = await oneLetter();
    await eventually(() => reactions.others.length === 1);
    reactions.fails = () => undefined;
    await replayDeadLetter(connection, letter.sequence);
    await eventually(() => reactions.tries.length === 2);
    await isSettled('registry-access-changed-v1');
    await isSettled('registry-access-changed-v1-other');
    expect(reactions.others).toEqual(['again']);
    expect(await letters()).toEqual([]);
    const replayed = await connection.jsm.streams.getMessage('GOVERNANCE', { seq: seq + 1 });
    expect(replayed?.header.get('ce-id')).toBe(letter.eventId);
  });

  it('can be discarded', async () => {
    reactions.fails = () => hopeless();
    await app.get(Publisher).publishEvent(accessDraft('unwanted'));
    const { sequence } = await oneLetter();
    await discardDeadLetter(connection, sequence);
    await expect(getDeadLetter(connection, sequence)).rejects.toMatchObject({ code: 'messaging.dead_letter_not_found' });
  });

  const binary = (attributes: Record<string, string>) => {
    const result = headers();
    const all = { specversion: '1.0', id: 'e1', source: 'urn:test', type: accessChanged.type, ...attributes };
    for (const [name, value] of Object.entries(all)) if (value) result.set(`ce-${name}`, value);
    return result;
  };
  const structured = headers();
  structured.set('Content-Type', 'application/cloudevents+json');
  const block = predictionLogged.type;

  it.each([
    ['no headers at all', accessChanged.type, '{}', undefined, 'specversion is missing'],
    ['no id', accessChanged.type, '{}', binary({ id: '' }), 'id is missing'],
    ['a header that is not UTF-8', accessChanged.type, '{}', binary({ subject: '%FF' }), 'not UTF-8'],
    ['the type of another subject', accessChanged.type, '{}', binary({ type: 'governance.loop.frozen.v1' }), 'came on subject'],
    ['data that is not JSON', accessChanged.type, '{"half', binary({}), 'not JSON'],
    ['data that misses a field', accessChanged.type, '{"keyId":"k"}', binary({}), 'identity'],
    ['structured mode without JSON', accessChanged.type, 'hello', structured, 'not JSON'],
    ['structured mode without an event', accessChanged.type, '[1]', structured, 'not a CloudEvents object'],
    ['a block without envelope', block, 'bytes', undefined, 'specversion is missing'],
    ['an empty block', block, '', binary({ type: block }), 'empty'],
  ])('is a dead letter at once when it has %s', async (_case, subject, payload, messageHeaders, reason) => {
    await connection.js.publish(subject, payload, messageHeaders ? { headers: messageHeaders } : {});
    const found = await eventually(async () => {
      const items = (await letters()).filter(({ consumer }) => !consumer.endsWith('-other'));
      expect(items).toHaveLength(1);
      return items[0]!;
    });
    expect(found).toMatchObject({ errorCode: 'messaging.malformed', attempts: 1, reason: expect.stringContaining(reason) });
    expect(Buffer.from(found.bytes).toString()).toBe(payload);
    expect(reactions.tries).toEqual([]);
  });

  it('still reaches the reader of everything, without an envelope', async () => {
    await connection.js.publish(accessChanged.type, 'garbage');
    const raw = await eventually(() => reactions.raw.find(({ subject }) => subject === accessChanged.type) ?? false);
    expect(raw).toMatchObject({ stream: 'GOVERNANCE', subject: accessChanged.type, headers: {} });
    expect(raw).not.toHaveProperty('envelope');
  });
});
