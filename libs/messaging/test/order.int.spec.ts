import { type AccessChanged, accessChanged, predictionLogged } from '@bascule/contracts';
import { eventually, testNats } from '@bascule/testing';
import { type INestApplicationContext, Injectable } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Consume, ConsumeBlock, type EventContext, encodeEvent, eventContext, Publisher, type ReceivedBlock } from '../src/index.js';
import { accessDraft, startReader } from './start-reader.js';

const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

@Injectable()
class Reactions {
  readonly inOrder: string[] = [];
  readonly blocks: ReceivedBlock[] = [];
  readonly contexts: (EventContext | undefined)[] = [];
  running = 0;
  most = 0;

  @Consume(accessChanged)
  async oneByOne({ data }: AccessChanged): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 5));
    this.inOrder.push(data.keyId);
    this.contexts.push(eventContext());
  }

  @Consume(accessChanged, { concurrency: 3, name: 'wide' })
  async sideBySide(): Promise<void> {
    this.most = Math.max(this.most, ++this.running);
    await eventually(() => this.most === 3, { timeoutMs: 5000 });
    this.running--;
  }

  @ConsumeBlock(predictionLogged)
  async write(block: ReceivedBlock): Promise<void> {
    this.blocks.push(block);
  }
}

describe('a reaction', () => {
  let nats: Awaited<ReturnType<typeof testNats>>;
  let app: INestApplicationContext;
  let reactions: Reactions;
  const keys = Array.from({ length: 30 }, (_, index) => `key-${index}`);

  beforeAll(async () => {
    nats = await testNats();
    app = await startReader(nats.url, 'registry', [Reactions]);
    reactions = app.get(Reactions);
    for (const key of keys) await app.get(Publisher).publishEvent(accessDraft(key));
  });
  afterAll(async () => {
    await app.close();
    await nats.stop();
  });

  it('sees events one by one in the order of the stream', async () => {
    await eventually(() => reactions.inOrder.length === keys.length);
    expect(reactions.inOrder).toEqual(keys);
  });

  it('handles as many at once as it has hands, and no more', async () => {
    await eventually(() => reactions.most === 3 && reactions.running === 0);
    expect(reactions.most).toBe(3);
  });

  it('knows the event it reacts to, and its trace', async () => {
    const id = '019b76da-a800-7000-8000-00000000abcd';
    const { headers, payload, subject } = encodeEvent({ ...accessDraft('traced'), id, correlationId: 'first' });
    await app.get(Publisher).publishEncoded({ subject, payload, headers: { ...headers, 'ce-traceparent': trace } });
    await eventually(() => reactions.inOrder.includes('traced'));
    expect(reactions.contexts.at(-1)).toEqual({ correlationId: 'first', causationId: id, traceparent: trace });
  });

  it('gets a block as it was published', async () => {
    const id = '019b76da-a800-7000-8000-00000000beef';
    await app.get(Publisher).publishBlock(predictionLogged, Uint8Array.of(1, 2, 3), { id, time: '2026-01-02T03:04:05.000Z' });
    const block = await eventually(() => reactions.blocks[0] ?? false);
    expect(block).toMatchObject({ id, time: '2026-01-02T03:04:05.000Z', sequence: 1 });
    expect([...block.bytes]).toEqual([1, 2, 3]);
  });

  it('must not share its durable with another method of the service', async () => {
    @Injectable()
    class Twins {
      @Consume(accessChanged)
      async first(): Promise<void> {}
      @Consume(accessChanged)
      async second(): Promise<void> {}
    }
    await expect(startReader(nats.url, 'training', [Twins])).rejects.toThrow('give one of them the option "name"');
  });
});
