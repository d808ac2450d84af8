import { type AccessChanged, accessChanged } from '@bascule/contracts';
import { migrate, Transactions } from '@bascule/database';
import { Consume, listDeadLetters, NatsConnectionHolder, Publisher } from '@bascule/messaging';
import { eventually, testNats, testPostgres } from '@bascule/testing';
import { type INestApplicationContext, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Outbox } from '../src/index.js';
import { accessDraft, migrations, service, startService, storedEvents } from './start-service.js';

@Injectable()
class Reactions {
  readonly handled: string[] = [];
  before: () => Promise<void> = async () => {};

  @Consume(accessChanged, { maxAttempts: 2, retryDelaysMs: [10], ackWaitMs: 2000 })
  async react({ data }: AccessChanged): Promise<void> {
    await this.before();
    this.handled.push(data.keyId);
  }
}

describe('while PostgreSQL is away', () => {
  let nats: Awaited<ReturnType<typeof testNats>>;
  let postgres: Awaited<ReturnType<typeof testPostgres>>;
  let app: INestApplicationContext;
  let tool: NatsConnectionHolder;
  const waitUntilBack = () => eventually(() => app.get(DataSource).query('select 1'), { timeoutMs: 20_000 });

  beforeEach(async () => {
    [nats, postgres] = await Promise.all([testNats(), testPostgres({ own: true, settings: { synchronous_commit: 'on' } })]);
    await migrate({ ownerUrl: postgres.url, service, rolePassword: 'secret', migrations });
    const url = new URL(postgres.url);
    url.username = service;
    url.password = 'secret';
    app = await startService({ natsUrl: nats.url, databaseUrl: url.href, providers: [Reactions] });
    tool = await NatsConnectionHolder.open(nats.url, 'test');
  });
  afterEach(async () => {
    await app.close();
    await tool.close();
    await Promise.all([nats.stop(), postgres.stop()]);
  });

  it('messages are held without using up their tries, and handled when it is back', async () => {
    await postgres.kill();
    await app.get(Publisher).publishEvent(accessDraft('waiting'));
    const { handled } = app.get(Reactions);
    // several holds long: with two tries a counted failure would be a dead letter by now
    await eventually(async () => (await tool.jsm.consumers.info('GOVERNANCE', 'governance-access-changed-v1')).num_ack_pending === 1);
    const heldSince = Date.now();
    await eventually(() => Date.now() - heldSince > 2500);
    expect(handled).toEqual([]);
    await postgres.restart();
    await eventually(() => handled.length === 1, { timeoutMs: 20_000 });
    expect((await listDeadLetters(tool)).items).toEqual([]);
  });

  it('messages are held when their connection dies in the middle of the transaction, again and again', async () => {
    const reactions = app.get(Reactions);
    let deaths = 0;
    reactions.before = async () => {
      const { queryRunner } = Transactions.current()!;
      if (deaths === 4) return;
      const [{ pid }] = await queryRunner!.query('select pg_backend_pid() as pid');
      await app.get(DataSource).query('select pg_terminate_backend($1)', [pid]);
      await eventually(() => queryRunner!.isReleased);
      deaths++;
      await queryRunner!.query('select 1');
    };
    await app.get(Publisher).publishEvent(accessDraft('unlucky'));
    await eventually(() => reactions.handled.length === 1, { timeoutMs: 20_000 });
    expect(deaths).toBe(4);
    expect((await listDeadLetters(tool)).items).toEqual([]);
  });

  it('the relay waits, and goes on when it is back', async () => {
    const publish = (key: string) => app.get(Transactions).run(() => app.get(Outbox).publish(accessDraft(key)));
    await publish('before');
    await eventually(async () => (await storedEvents(tool)).length === 1);
    await postgres.kill();
    await postgres.restart();
    await waitUntilBack();
    await publish('after');
    await eventually(async () => (await storedEvents(tool)).map(({ subject }) => subject).join() === 'before,after', { timeoutMs: 20_000 });
  });
});
