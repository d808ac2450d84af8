import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AccessChanged, accessChanged } from '@bascule/contracts';
import { eventually, testNats } from '@bascule/testing';
import { type INestApplicationContext, Injectable } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Consume, NATS, NatsConnectionHolder, Publisher } from '../src/index.js';
import { accessDraft, startReader } from './start-reader.js';

@Injectable()
class Reactions {
  readonly seen: string[] = [];
  readonly finished: string[] = [];
  work: () => Promise<void> = async () => {};

  @Consume(accessChanged, { ackWaitMs: 1500 })
  async react({ data }: AccessChanged): Promise<void> {
    this.seen.push(data.keyId);
    await this.work();
    this.finished.push(data.keyId);
  }
}

const durable = 'registry-access-changed-v1';

describe('a consumer', () => {
  let nats: Awaited<ReturnType<typeof testNats>>;
  let app: INestApplicationContext;
  let reactions: Reactions;
  let connection: NatsConnectionHolder;

  beforeEach(async () => {
    nats = await testNats();
    app = await startReader(nats.url, 'registry', [Reactions]);
    reactions = app.get(Reactions);
    connection = app.get<NatsConnectionHolder>(NATS);
  });
  afterEach(async () => {
    await app.close();
    await nats.stop();
  });

  it('goes on after nats-server was killed and came back', async () => {
    await app.get(Publisher).publishEvent(accessDraft('before'));
    await eventually(() => reactions.seen.includes('before'));
    await nats.kill();
    await nats.restart();
    await eventually(() => app.get(Publisher).publishEvent(accessDraft('after')), { timeoutMs: 20_000 });
    await eventually(() => reactions.seen.includes('after'), { timeoutMs: 20_000 });
  });

  it('goes on after nats-server lost its streams and consumers', async () => {
    await app.get(Publisher).publishEvent(accessDraft('before'));
    await eventually(() => reactions.seen.includes('before'));
    await nats.kill();
    const emptyStore = mkdtempSync(join(tmpdir(), 'empty-store-'));
    nats.restoreStore(emptyStore);
    rmSync(emptyStore, { recursive: true });
    await nats.restart();
    await eventually(() => app.get(Publisher).publishEvent(accessDraft('after')), { timeoutMs: 20_000 });
    await eventually(() => reactions.seen.includes('after'), { timeoutMs: 20_000 });
  });

  it('is made again when somebody deletes it', async () => {
    await eventually(() => connection.jsm.consumers.info('GOVERNANCE', durable));
    await connection.jsm.consumers.delete('GOVERNANCE', durable);
    await app.get(Publisher).publishEvent(accessDraft('orphan'));
    await eventually(() => reactions.seen.includes('orphan'), { timeoutMs: 20_000 });
  });

  it('brings a durable with a limit on deliveries to unlimited', async () => {
    await eventually(() => connection.jsm.consumers.info('GOVERNANCE', durable));
    await app.close();
    const tool = await NatsConnectionHolder.open(nats.url, 'test');
    await tool.jsm.consumers.update('GOVERNANCE', durable, { max_deliver: 2 });
    app = await startReader(nats.url, 'registry', [Reactions]);
    await eventually(async () => (await tool.jsm.consumers.info('GOVERNANCE', durable)).config.max_deliver === -1);
    await tool.close();
  });

  it('keeps a message that takes longer than the ack wait', async () => {
    let release = () => {};
    reactions.work = () => new Promise((resolve) => (release = resolve));
    await app.get(Publisher).publishEvent(accessDraft('slow'));
    const startedAt = Date.now();
    await eventually(() => reactions.seen.length === 1);
    await eventually(() => Date.now() - startedAt > 3500);
    release();
    await eventually(async () => (await connection.jsm.consumers.info('GOVERNANCE', durable)).num_ack_pending === 0);
    expect(reactions.seen).toEqual(['slow']);
  });

  it('finishes what runs, and takes nothing new, when the service stops', async () => {
    let release = () => {};
    reactions.work = () => new Promise((resolve) => (release = resolve));
    await app.get(Publisher).publishEvent(accessDraft('running'));
    await app.get(Publisher).publishEvent(accessDraft('waiting'));
    await eventually(() => reactions.seen.length === 1);
    const closing = app.close();
    release();
    await closing;
    expect(reactions.finished).toEqual(['running']);

    app = await startReader(nats.url, 'registry', [Reactions]);
    const next = app.get(Reactions);
    await eventually(() => next.finished.length === 1);
    expect(next.finished).toEqual(['waiting']);
  });
});
