import { type AccessChanged, accessChanged } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Consume, eventContext, listDeadLetters, NATS, type NatsConnectionHolder, Publisher, replayDeadLetter } from '@bascule/messaging';
import { newId } from '@bascule/platform';
import { eventually, type TestDatabase, testDatabase, testNats } from '@bascule/testing';
import { type INestApplicationContext, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Inbox, Outbox, OutboxTables } from '../src/index.js';
import { accessDraft, service, startService, storedEvents } from './start-service.js';

class HandledTable {
  readonly name = 'HandledTable1767225600009';
  async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
    await runner.query('create table handled (key_id text not null, causation text)');
  }
  async down(): Promise<void> {}
}

@Injectable()
class Reactions {
  tries = 0;
  after: () => Promise<void> | void = () => {};

  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
  ) {}

  @Consume(accessChanged, { ackWaitMs: 1000, maxAttempts: 3, retryDelaysMs: [20] })
  async react({ data }: AccessChanged): Promise<void> {
    this.tries++;
    await this.transactions.run(async (manager) => {
      await manager.query('insert into handled values ($1, $2)', [data.keyId, eventContext()?.causationId]);
      if (data.keyId.startsWith('follow')) await this.outbox.publish(accessDraft(`answer-to-${data.keyId}`));
    });
    await this.after();
  }
}

/** Small reactions to many events, which share transactions. */
@Injectable()
class Sharing {
  private readonly transactions: Transactions;
  seen: { keyId: string; transaction: string; causation: string | undefined }[] = [];

  constructor(transactions: Transactions) {
    this.transactions = transactions;
  }

  @Consume(accessChanged, { name: 'shared', perTransaction: 50, maxAttempts: 2, retryDelaysMs: [20] })
  async note({ data: { keyId } }: AccessChanged): Promise<void> {
    const { manager } = this.transactions;
    const [{ transaction }] = await manager.query('select txid_current()::text as transaction');
    await manager.query('insert into handled values ($1, $2)', [`shared-${keyId}`, eventContext()?.causationId]);
    this.seen.push({ keyId, transaction, causation: eventContext()?.causationId });
    if (keyId.startsWith('broken')) throw new Error('after the write');
  }
}

describe('events that share a transaction', () => {
  let nats: Awaited<ReturnType<typeof testNats>>;
  let database: TestDatabase;
  let app: INestApplicationContext;
  let connection: NatsConnectionHolder;
  const durable = 'governance-access-changed-v1-shared';

  beforeAll(async () => {
    nats = await testNats();
    database = await testDatabase(service, [OutboxTables, HandledTable as never]);
    app = await startService({ natsUrl: nats.url, databaseUrl: database.url, providers: [Sharing] });
    connection = app.get<NatsConnectionHolder>(NATS);
  });
  afterAll(async () => {
    await app.close();
    await Promise.all([nats.stop(), database.stop()]);
  });

  const publish = async (names: readonly string[]) => {
    app.get(Sharing).seen = [];
    await app.get(DataSource).query('truncate handled');
    return Promise.all(
      names.map(async (name) => {
        const id = newId();
        await app.get(Publisher).publishEvent({ ...accessDraft(name), id });
        return id;
      }),
    );
  };
  const isSettled = () =>
    eventually(async () => {
      const { num_ack_pending: open, num_pending: waiting } = await connection.jsm.consumers.info('GOVERNANCE', durable);
      return open + waiting === 0;
    });
  const kept = async (): Promise<string[]> =>
    (await app.get(DataSource).query('select key_id from handled')).map((row: { key_id: string }) => row.key_id).toSorted();
  const names = (count: number) => Array.from({ length: count }, (_, at) => `many-${String(at).padStart(3, '0')}`);

  it('are handled once each, each as the cause of what follows, in far fewer transactions', async () => {
    const ids = await publish(names(200));
    await isSettled();
    const { seen } = app.get(Sharing);
    expect(await kept()).toEqual(names(200).map((name) => `shared-${name}`));
    expect(new Set(seen.map(({ causation }) => causation))).toEqual(new Set(ids));
    expect(new Set(seen.map(({ transaction }) => transaction)).size).toBeLessThan(100);
  });

  it('lose nothing by one of them that fails, which becomes a dead letter by itself', async () => {
    await publish([...names(20), 'broken', ...names(40).slice(20)]);
    const letter = await eventually(async () => (await listDeadLetters(connection)).items[0] ?? false);
    expect(letter.reason).toContain('after the write');
    await isSettled();
    expect(await kept()).toEqual(names(40).map((name) => `shared-${name}`));
  });

  it('that were handled before are not handled again among others', async () => {
    const inbox = app.get(Inbox);
    const [known, fresh] = [newId(), newId()];
    const taken: string[][] = [];
    const run = (ids: string[]) =>
      inbox.runTogether(ids, 'reader', async (wanted) => {
        taken.push([...wanted]);
      });
    await run([known]);
    expect([...(await run([known, fresh, fresh]))]).toEqual([fresh]);
    await run([known, fresh]);
    expect(taken).toEqual([[known], [fresh]]);
  });
});

describe('the inbox', () => {
  let nats: Awaited<ReturnType<typeof testNats>>;
  let database: TestDatabase;
  let app: INestApplicationContext;
  let reactions: Reactions;
  let connection: NatsConnectionHolder;
  const durable = 'governance-access-changed-v1';

  const handled = async (): Promise<string[]> =>
    (await app.get(DataSource).query('select key_id from handled order by key_id')).map((row: { key_id: string }) => row.key_id);
  const isSettled = () =>
    eventually(async () => {
      const info = await connection.jsm.consumers.info('GOVERNANCE', durable);
      return info.num_ack_pending + info.num_pending === 0;
    });

  beforeAll(async () => {
    nats = await testNats();
    database = await testDatabase(service, [OutboxTables, HandledTable as never]);
  });
  afterAll(async () => {
    await Promise.all([nats.stop(), database.stop()]);
  });
  beforeEach(async () => {
    app = await startService({ natsUrl: nats.url, databaseUrl: database.url, providers: [Reactions] });
    reactions = app.get(Reactions);
    connection = app.get<NatsConnectionHolder>(NATS);
  });
  afterEach(async () => {
    await isSettled();
    await app.get(DataSource).query('truncate handled, outbox_events');
    for (const stream of ['GOVERNANCE', 'DEAD_LETTER']) await connection.jsm.streams.purge(stream);
    await app.close();
  });

  it('lets an event that is delivered twice be handled once', async () => {
    const id = newId();
    await app.get(Publisher).publishEvent({ ...accessDraft('twice'), id });
    await isSettled();
    const stored = await connection.jsm.streams.getMessage('GOVERNANCE', { last_by_subj: accessChanged.type });
    stored!.header.set('Nats-Msg-Id', newId());
    await connection.js.publish(accessChanged.type, stored!.data, { headers: stored!.header });
    await isSettled();
    expect(await handled()).toEqual(['twice']);
    expect(reactions.tries).toBe(1);
  });

  it('lets an event whose ack came late, after the redelivery, be handled once', async () => {
    let isFrozen = true;
    reactions.after = () => {
      // a process that stands still sends no heartbeat: the server hands the message out again
      if (isFrozen) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1800);
      isFrozen = false;
    };
    await app.get(Publisher).publishEvent(accessDraft('late'));
    await eventually(() => !isFrozen);
    await isSettled();
    await eventually(async () => (await connection.jsm.consumers.info('GOVERNANCE', durable)).delivered.consumer_seq >= 2);
    expect(await handled()).toEqual(['late']);
  });

  it('keeps nothing of a handler that failed, until a replayed dead letter succeeds', async () => {
    reactions.after = () => {
      throw new Error('after the write');
    };
    await app.get(Publisher).publishEvent(accessDraft('retried'));
    const letter = await eventually(async () => (await listDeadLetters(connection)).items[0] ?? false);
    expect(letter.attempts).toBe(3);
    expect(await handled()).toEqual([]);
    reactions.after = () => {};
    await replayDeadLetter(connection, letter.sequence);
    await eventually(async () => (await handled()).length === 1);
    expect(await handled()).toEqual(['retried']);
  });

  it('hands the cause on to the events a handler publishes', async () => {
    await app.get(Publisher).publishEvent(accessDraft('follow-up'));
    const [cause, answer] = await eventually(async () => {
      const events = await storedEvents(connection);
      return events.length === 2 ? events : false;
    });
    expect(answer).toMatchObject({ subject: 'answer-to-follow-up', causationid: cause!.id, correlationid: cause!.correlationid });
  });

  it('forgets ids without a day, such as those made from contents, after the same time', async () => {
    const inbox = app.get(Inbox);
    const context = { correlationId: 'c', causationId: 'c', traceparent: undefined };
    const run = (id: string) => inbox.run(id, 'reader', context, async () => {});
    const [past, recent] = ['5c146b14-3c52-8afd-938a-375d0df1fbf6', '9d0e5f2a-1b3c-8d4e-af5b-6c7d8e9f0a1b'];
    for (const id of [past, recent]) expect(await run(id)).toBe('handled');
    const handledAt = (days: number, id: string) =>
      app.get(DataSource).query(`update inbox set handled_at = now() - $1 * interval '1 day' where event_id = $2`, [days, id]);
    await handledAt(11, past);
    await handledAt(9, recent);
    await inbox.maintain();
    expect(await run(recent)).toBe('duplicate');
    expect(await run(past)).toBe('handled');
  });

  it('keeps ids of any kind, and drops days past their time', async () => {
    const inbox = app.get(Inbox);
    const context = { correlationId: 'c', causationId: 'c', traceparent: undefined };
    const run = (id: string) => inbox.run(id, 'reader', context, async () => {});
    const old = '01800000-0000-7000-8000-000000000001';
    for (const id of ['not-a-uuid', old, newId()]) {
      expect(await run(id)).toBe('handled');
      expect(await run(id)).toBe('duplicate');
    }
    const owner = await new DataSource({ type: 'postgres', url: database.ownerUrl, installExtensions: false }).initialize();
    await owner.query(
      `create table ${service}.inbox_20200101 partition of ${service}.inbox for values from ('2020-01-01') to ('2020-01-02')`,
    );
    await owner.destroy();
    await inbox.maintain();
    const partitions = await app
      .get(DataSource)
      .query(`select relname from pg_class where relname like 'inbox_2%' and relkind = 'r' order by 1`);
    const names = partitions.map((row: { relname: string }) => row.relname);
    expect(names).not.toContain('inbox_20200101');
    expect(names).toHaveLength(14);
    expect(await run(old)).toBe('duplicate');
  });
});
