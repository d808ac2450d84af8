import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { predictionLabelled } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { NatsConnectionHolder } from '@bascule/messaging';
import { HealthRegistry, newId } from '@bascule/platform';
import { eventually, type TestDatabase, testDatabase, testNats } from '@bascule/testing';
import type { INestApplicationContext } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Outbox } from '../src/index.js';
import { openLink } from './link.js';
import { accessDraft, chore, migrations, service, startService, storedEvents, storedWork } from './start-service.js';

describe('the relay', () => {
  let nats: Awaited<ReturnType<typeof testNats>>;
  let database: TestDatabase;
  let tool: NatsConnectionHolder;
  const apps: INestApplicationContext[] = [];

  const start = async (options: Partial<Parameters<typeof startService>[0]> = {}) => {
    const app = await startService({ natsUrl: nats.url, databaseUrl: database.url, ...options });
    apps.push(app);
    return app;
  };
  const publish = (app: INestApplicationContext, keyId: string, identity?: string) =>
    app.get(Transactions).run(() => app.get(Outbox).publish(accessDraft(keyId, identity)));
  const unsent = async (app: INestApplicationContext): Promise<number> => {
    const [row] = await app.get(DataSource).query('select count(*)::int as count from outbox_events where sent_at is null');
    return row.count;
  };

  beforeEach(async () => {
    [nats, database] = await Promise.all([testNats(), testDatabase(service, migrations)]);
    tool = await NatsConnectionHolder.open(nats.url, 'test');
  });
  afterEach(async () => {
    await Promise.all(apps.splice(0).map((app) => app.close()));
    await tool.close();
    await Promise.all([nats.stop(), database.stop()]);
  });

  it('publishes what a transaction committed, and nothing of one that rolled back', async () => {
    const app = await start();
    const transactions = app.get(Transactions);
    await expect(
      transactions.run(async () => {
        await app.get(Outbox).publish(accessDraft('undone'));
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    const id = await publish(app, 'done');
    await eventually(async () => (await storedEvents(tool)).length === 1);
    expect(await storedEvents(tool)).toMatchObject([{ id, subject: 'done', correlationid: id, entityversion: 1 }]);
  });

  it('counts the events of an entity, and leaves no row behind for a block', async () => {
    const app = await start({ outbox: { resendWindowMs: 0 } });
    await publish(app, 'counted');
    const ids = [newId(), newId()];
    for (const id of ids) {
      const draft = { definition: predictionLabelled, bytes: Buffer.from('block'), id };
      await app.get(Transactions).run(() => app.get(Outbox).publishBlock(draft));
    }
    await eventually(async () => (await storedEvents(tool, 'PREDICTIONS')).length === 2);
    expect((await storedEvents(tool, 'PREDICTIONS')).map(({ id }) => id).toSorted()).toEqual(ids);
    expect(await app.get(DataSource).query('select * from outbox_entity_versions')).toMatchObject([{ version: '1' }]);
    await eventually(async () => (await app.get(DataSource).query('select 1 from outbox_events')).length === 0);
  });

  it('refuses to publish outside a transaction', async () => {
    const app = await start();
    await expect(app.get(Outbox).publish(accessDraft('loose'))).rejects.toThrow('outside a transaction');
  });

  it('publishes what is behind events that are larger than the server takes by now', async () => {
    const app = await start();
    await app.get(Transactions).run(async (manager) => {
      for (let i = 0; i < 70; i++) await app.get(Outbox).publish(accessDraft(`huge-${i}`));
      await manager.query(`update outbox_events set payload = repeat('x', 1500000)::bytea`);
    });
    const id = await publish(app, 'behind');
    await eventually(async () => expect(await storedEvents(tool)).toMatchObject([{ id }]), { timeoutMs: 15_000 });
    await eventually(async () => expect(await unsent(app)).toBe(70));
  });

  it('publishes each event once and in order when two replicas share a schema and the leader dies', async () => {
    const [first, second] = [await start(), await start()];
    const count = 120;
    const write = async (from: number, to: number) => {
      for (let turn = from; turn < to; turn++) await publish(turn % 2 ? first : second, `key-${turn % 3}`, `turn-${turn}`);
    };
    await write(0, 60);
    // the lock lives in a database session: end whichever session holds it
    await eventually(async () => expect(await terminateLockHolder(database.ownerUrl)).toBe(1));
    await write(60, count);
    await eventually(async () => (await storedEvents(tool)).length === count, { timeoutMs: 20_000 });
    await eventually(async () => (await unsent(first)) === 0);
    const events = await storedEvents(tool);
    expect(new Set(events.map(({ id }) => id)).size).toBe(count);
    for (const key of ['key-0', 'key-1', 'key-2']) {
      const versions = events.filter(({ subject }) => subject === key).map(({ entityversion }) => entityversion);
      expect(versions).toEqual(versions.map((_, index) => index + 1));
    }
  });

  it('another replica takes over when the leading one stops', async () => {
    const first = await start();
    await publish(first, 'a');
    await eventually(async () => (await storedEvents(tool)).length === 1);
    const second = await start();
    apps.splice(apps.indexOf(first), 1);
    await first.close();
    await publish(second, 'b');
    await eventually(async () => (await storedEvents(tool)).length === 2);
  });

  it('another replica takes over from one whose machine is gone without a word', async () => {
    const link = await openLink(database.url);
    const first = await start({ databaseUrl: link.url, outbox: { leaderSilenceMs: 2500 } });
    await publish(first, 'a');
    await eventually(async () => (await storedEvents(tool)).length === 1);
    link.freeze();
    const second = await start();
    await publish(second, 'b');
    await eventually(async () => (await storedEvents(tool)).length === 2, { timeoutMs: 20_000 });
    link.cut();
  });

  it('sends again what a killed nats-server had acknowledged and lost', async () => {
    const app = await start();
    await publish(app, 'kept', 'turn-1');
    await eventually(async () => (await storedEvents(tool)).length === 1);
    const snapshot = mkdtempSync(join(tmpdir(), 'store-'));
    nats.copyStore(snapshot);
    for (const turn of [2, 3, 4]) await publish(app, 'kept', `turn-${turn}`);
    await eventually(async () => (await storedEvents(tool)).length === 4);
    const before = await storedEvents(tool);
    await eventually(async () => (await unsent(app)) === 0);

    await nats.kill();
    nats.restoreStore(snapshot);
    rmSync(snapshot, { recursive: true });
    await nats.restart();
    await eventually(async () => (await storedEvents(tool)).length === 4, { timeoutMs: 30_000 });
    expect(await storedEvents(tool)).toEqual(before);
    await publish(app, 'kept', 'turn-5');
    await eventually(async () => (await storedEvents(tool)).at(-1)?.entityversion === 5);
  });

  it('does not send again work that was withdrawn, unless that came to nothing', async () => {
    const app = await start();
    const [transactions, outbox] = [app.get(Transactions), app.get(Outbox)];
    const handOut = (name: string) => outbox.publishWork({ definition: chore, id: newId(), data: { name } });
    const [done, undone, kept] = await transactions.run(async () => [
      await handOut('done'),
      await handOut('undone'),
      await handOut('kept'),
    ]);
    await transactions.run(async () => outbox.withdraw([await handOut('never')]));
    const names = async () => (await storedWork(tool)).toSorted();
    await eventually(async () => expect(await names()).toEqual(['done', 'kept', 'undone']));
    await eventually(async () => (await unsent(app)) === 0);

    await transactions.run(() => outbox.withdraw([done, newId()]));
    await expect(
      transactions.run(async () => {
        await outbox.withdraw([undone, kept]);
        throw new Error('not done after all');
      }),
    ).rejects.toThrow('not done after all');
    await expect(outbox.withdraw([kept])).rejects.toThrow('outside a transaction');

    // a stream of work has forgotten what was acknowledged, and so has the server after a restart
    await tool.jsm.streams.purge('JOBS');
    await nats.kill();
    await nats.restart();
    await eventually(async () => expect(await names()).toEqual(['kept', 'undone']), { timeoutMs: 30_000 });
  });

  it('forgets what it sent only after the resend window', async () => {
    const app = await start({ outbox: { resendWindowMs: 300 } });
    await publish(app, 'a');
    const rows = async () => (await app.get(DataSource).query('select 1 from outbox_events')).length;
    await eventually(async () => (await storedEvents(tool)).length === 1);
    await eventually(async () => (await rows()) === 0, { timeoutMs: 15_000 });

    await nats.kill();
    await publish(app, 'b');
    expect(await rows()).toBe(1);
    await nats.restart();
    await eventually(async () => (await storedEvents(tool)).length === 2, { timeoutMs: 20_000 });
  });

  it('waits without losing order while the stream is full, says so, and goes on when there is room', async () => {
    const app = await start({ limits: { serviceMaxBytes: 1024 * 1024 } });
    const filler = 'x'.repeat(60_000);
    for (let turn = 0; turn < 24; turn++) await publish(app, 'big', `${turn}-${filler}`);
    const condition = async () => (await app.get(HealthRegistry).readiness()).checks['outbox'];
    const full = await eventually(async () => {
      const check = await condition();
      return check && !check.ok ? check : false;
    });
    expect(full).toMatchObject({ critical: false, detail: expect.stringContaining('GOVERNANCE') });
    const stored = (await storedEvents(tool)).length;
    expect(stored).toBeGreaterThan(0);
    await eventually(async () => expect(await unsent(app)).toBe(24 - stored));

    await tool.jsm.streams.purge('GOVERNANCE');
    await eventually(async () => (await unsent(app)) === 0, { timeoutMs: 30_000 });
    const versions = (await storedEvents(tool)).map(({ entityversion }) => entityversion);
    expect(versions).toEqual(versions.map((_, index) => stored + index + 1));
    await eventually(async () => (await condition())?.ok === true);
  });
});

async function terminateLockHolder(ownerUrl: string): Promise<number> {
  const owner = await new DataSource({ type: 'postgres', url: ownerUrl, installExtensions: false }).initialize();
  try {
    const ended = await owner.query(
      `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted
       and database = (select oid from pg_database where datname = current_database())`,
    );
    return ended.length;
  } finally {
    await owner.destroy();
  }
}
