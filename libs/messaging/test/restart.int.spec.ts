import { type AccessChanged, accessChanged } from '@bascule/contracts';
import { eventually, testNats } from '@bascule/testing';
import { type INestApplicationContext, Injectable } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Consume, ensureStreams, type NatsConnectionHolder, openConnection, Publisher } from '../src/index.js';
import { farServer } from './far-server.js';
import { accessDraft, startReader } from './start-reader.js';

const handled: string[] = [];

@Injectable()
class Reactions {
  @Consume(accessChanged, { concurrency: 4 })
  async react({ data }: AccessChanged): Promise<void> {
    handled.push(data.keyId);
  }
}

describe('a reader that is restarted in good order', () => {
  let nats: Awaited<ReturnType<typeof testNats>>;
  let far: Awaited<ReturnType<typeof farServer>>;
  let connection: NatsConnectionHolder;

  beforeAll(async () => {
    nats = await testNats();
    far = await farServer(nats.url, 40);
    connection = await openConnection(nats.url, 'test');
    await ensureStreams(connection.jsm);
  });
  afterAll(async () => {
    await connection.close();
    far.close();
    await nats.stop();
  });

  it('gives back what was on its way, so that nothing waits for the end of the ack wait', async () => {
    const publisher = new Publisher(connection);
    const durable = () => connection.jsm.consumers.info('GOVERNANCE', 'registry-access-changed-v1');
    const published: string[] = [];
    for (let restart = 0; restart < 3; restart++) {
      const app: INestApplicationContext = await startReader(far.url, 'registry', [Reactions]);
      await eventually(async () => (await durable()).num_waiting > 0);
      const burst = Array.from({ length: 6 }, (_, index) => `key-${restart}-${index}`);
      await Promise.all(burst.map((keyId) => publisher.publishEvent(accessDraft(keyId))));
      published.push(...burst);
      // the server has sent the first of them, and none has arrived yet
      await app.close();
    }
    const last = await startReader(nats.url, 'registry', [Reactions]);
    // far less than the 30 s after which the server would hand out again what nobody settled
    await eventually(async () => expect(await durable()).toMatchObject({ num_pending: 0, num_ack_pending: 0 }), { timeoutMs: 5000 });
    await last.close();
    expect(handled.toSorted()).toEqual(published);
  });
});
