import { type BlockDefinition, catalogue, type EventDefinition, isJsonEvent } from '@bascule/contracts';
import { HealthRegistry } from '@bascule/platform';
import { eventually, testNats } from '@bascule/testing';
import { type INestApplicationContext, Injectable } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Consume, ConsumeBlock, listDeadLetters, NATS, NatsConnectionHolder, Publisher, streamOf } from '../src/index.js';
import { accessDraft, startReader } from './start-reader.js';

const seen: string[] = [];

/** Reads every kind of event there is. */
@Injectable()
class EveryReaction {}
for (const definition of catalogue) {
  const react = { value: async ({ id }: { id: string }) => void seen.push(id), writable: true, configurable: true };
  Object.defineProperty(EveryReaction.prototype, definition.type, react);
  const decorate = isJsonEvent(definition) ? Consume(definition as EventDefinition) : ConsumeBlock(definition as BlockDefinition);
  decorate(EveryReaction.prototype, definition.type, Object.getOwnPropertyDescriptor(EveryReaction.prototype, definition.type)!);
}

describe('garbage on every subject', () => {
  let nats: Awaited<ReturnType<typeof testNats>>;
  let app: INestApplicationContext;
  let connection: NatsConnectionHolder;
  const garbage = [Buffer.from([0xff, 0x00, 0xfe, 0x01]), Buffer.from(''), Buffer.from('{"half')];

  beforeAll(async () => {
    nats = await testNats();
    app = await startReader(nats.url, 'registry', [EveryReaction]);
    app.get(HealthRegistry).markStarted();
    connection = app.get<NatsConnectionHolder>(NATS);
  });
  afterAll(async () => {
    await app?.close();
    await nats.stop();
  });

  it('is a dead letter of each reader within seconds, and the readers go on', async () => {
    for (const { type } of catalogue) for (const bytes of garbage) await connection.js.publish(type, bytes);
    const count = catalogue.length * garbage.length;
    const letters = await eventually(
      async () => {
        const { items } = await listDeadLetters(connection, { limit: count + 1 });
        expect(items).toHaveLength(count);
        return items;
      },
      { timeoutMs: 15_000 },
    );
    expect(new Set(letters.map(({ originalSubject }) => originalSubject))).toEqual(new Set(catalogue.map(({ type }) => type)));
    for (const letter of letters) expect(letter).toMatchObject({ errorCode: 'messaging.malformed', attempts: 1 });
    for (const stream of new Set(catalogue.map(({ type }) => streamOf(type)))) {
      for await (const { num_ack_pending: open, num_pending: waiting } of connection.jsm.consumers.list(stream)) {
        expect(open + waiting).toBe(0);
      }
    }
    expect(seen).toEqual([]);

    for (const definition of catalogue.filter((known) => !isJsonEvent(known))) {
      await app.get(Publisher).publishBlock(definition as BlockDefinition, Buffer.from('block'), { id: definition.type });
      await eventually(() => seen.includes(definition.type));
    }
    const id = '019b76da-a800-7000-8000-000000000000';
    await app.get(Publisher).publishEvent({ ...accessDraft('fine'), id });
    await eventually(() => seen.includes(id));
    expect((await app.get(HealthRegistry).readiness()).status).toBe('ready');
  });

  it('is nothing to anybody on subjects that nobody reads', async () => {
    const before = (await listDeadLetters(connection, { limit: 1000 })).items.length;
    for (const subject of ['governance.nothing.known.v9', 'elsewhere', 'jobs.unknown']) connection.nc.publish(subject, garbage[0]);
    await connection.nc.flush();
    await app.get(Publisher).publishEvent({ ...accessDraft('after'), id: 'after' });
    await eventually(() => seen.includes('after'));
    expect((await listDeadLetters(connection, { limit: 1000 })).items).toHaveLength(before);
    expect((await app.get(HealthRegistry).readiness()).status).toBe('ready');
  });
});
