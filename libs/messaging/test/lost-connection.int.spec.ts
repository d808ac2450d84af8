import { type AccessChanged, accessChanged } from '@bascule/contracts';
import { newId } from '@bascule/platform';
import { eventually, testNats } from '@bascule/testing';
import { type INestApplicationContext, Injectable } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Consume, NATS, NatsConnectionHolder, openConnection, Publisher } from '../src/index.js';
import { farServer } from './far-server.js';
import { accessDraft, startReader } from './start-reader.js';

@Injectable()
class Reactions {
  readonly seen: string[] = [];
  work: () => Promise<void> = async () => {};

  @Consume(accessChanged)
  async react({ data }: AccessChanged): Promise<void> {
    this.seen.push(data.keyId);
    await this.work();
  }
}

/** Far below the timeout of a request. */
const soonMs = 2000;

async function within<T>(ms: number, work: () => Promise<T>): Promise<T> {
  let isDone = false;
  const working = work().finally(() => {
    isDone = true;
  });
  working.catch(() => undefined);
  await eventually(() => isDone, { timeoutMs: ms });
  return working;
}

describe('when the connection to NATS is lost', () => {
  let nats: Awaited<ReturnType<typeof testNats>>;
  let app: INestApplicationContext;
  let publisher: Publisher;
  let connection: NatsConnectionHolder;
  const lost = { name: 'ConnectionError' };

  beforeEach(async () => {
    nats = await testNats();
    app = await startReader(nats.url, 'registry', [Reactions]);
    publisher = app.get(Publisher);
    connection = app.get<NatsConnectionHolder>(NATS);
  });
  afterEach(async () => {
    await app.close();
    await nats.stop();
  });

  it('a publish that waits for its ack fails at once', async () => {
    nats.process.kill('SIGSTOP');
    const waiting = publisher.publishEvent(accessDraft('waiting'));
    await within(soonMs, async () => {
      await Promise.all([expect(waiting).rejects.toMatchObject(lost), nats.kill()]);
    });
  });

  it('a publish fails at once until the server is back, and then goes through without waiting', async () => {
    await nats.kill();
    await eventually(() => !connection.isConnected);
    await within(500, () => expect(publisher.publishEvent(accessDraft('early'))).rejects.toMatchObject(lost));
    await nats.restart();
    await within(soonMs, () => eventually(() => publisher.publishEvent(accessDraft('first'))));
    await eventually(() => app.get(Reactions).seen.includes('first'));
    expect(app.get(Reactions).seen).toEqual(['first']);
  });

  it('what was stored and lost only its ack is stored once when it is published again', async () => {
    const far = await farServer(nats.url);
    const tool = await openConnection(far.url, 'test');
    const draft = { ...accessDraft('ambiguous'), id: newId() };
    far.silence();
    const publishing = new Publisher(tool).publishEvent(draft);
    const isStored = async () => (await connection.jsm.streams.info('GOVERNANCE')).state.messages === 1;
    await Promise.all([expect(publishing).rejects.toMatchObject(lost), eventually(isStored).then(() => far.close())]);
    expect(await publisher.publishEvent(draft)).toMatchObject({ duplicate: true });
    expect(await isStored()).toBe(true);
    await tool.close();
  });

  it('a message in hand is acknowledged as soon as the server is back', async () => {
    const reactions = app.get(Reactions);
    let finish = () => {};
    reactions.work = () => new Promise((resolve) => (finish = resolve));
    await publisher.publishEvent(accessDraft('in-hand'));
    await eventually(() => reactions.seen.length === 1);
    await nats.kill();
    await eventually(() => !connection.isConnected);
    finish();
    reactions.work = async () => {};
    // tries to acknowledge it come further and further apart meanwhile
    await eventually(() => reactions.seen.length === 4);
    await nats.restart();
    await eventually(() => connection.isConnected);
    const durable = () => connection.jsm.consumers.info('GOVERNANCE', 'registry-access-changed-v1');
    await within(soonMs, () => eventually(async () => (await durable()).num_ack_pending === 0));
  });
});
