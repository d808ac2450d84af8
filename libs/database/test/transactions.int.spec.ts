import { type TestDatabase, testDatabase } from '@bascule/testing';
import { Column, DataSource, Entity, type MigrationInterface, PrimaryColumn, type QueryRunner } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDataSource, migrate, pendingMigrations, Transactions } from '../src/index.js';

@Entity('bridges')
class BridgeEntity {
  @PrimaryColumn('text') bridgeName!: string;
  @Column('timestamptz') openedAt!: Date;
}

class CreateBridges implements MigrationInterface {
  readonly name = 'CreateBridges1';
  async up(runner: QueryRunner) {
    await runner.query('create table bridges (bridge_name text primary key, opened_at timestamptz not null)');
  }
  async down() {}
}
class BreakHalfway implements MigrationInterface {
  readonly name = 'BreakHalfway2';
  async up(runner: QueryRunner) {
    await runner.query('create table half (id int)');
    await runner.query('create table half (id int)');
  }
  async down() {}
}

let database: TestDatabase;
let source: DataSource;
let transactions: Transactions;
const openedAt = new Date('2026-01-01T00:00:00Z');
const names = async () => (await source.manager.find(BridgeEntity)).map(({ bridgeName }) => bridgeName);

beforeAll(async () => {
  database = await testDatabase('registry', [CreateBridges]);
  source = await createDataSource({ service: 'registry', url: database.url, entities: [BridgeEntity] }).initialize();
  transactions = new Transactions(source);
});
beforeEach(() => source.query('delete from bridges'));
afterAll(async () => {
  await source?.destroy();
  await database?.stop();
});

describe('Transactions', () => {
  it('commits what an inner run wrote together with the outer one', async () => {
    await transactions.run(async (outer) => {
      await outer.insert(BridgeEntity, { bridgeName: 'north', openedAt });
      await transactions.run(async (inner) => {
        expect(inner).toBe(outer);
        await inner.insert(BridgeEntity, { bridgeName: 'south', openedAt });
      });
      expect(await names()).toEqual([]);
    });
    expect((await names()).sort()).toEqual(['north', 'south']);
  });

  it('rolls everything back when the outer work fails, and drops what was to follow the commit', async () => {
    let followed = false;
    const failing = transactions.run(async () => {
      await transactions.run((inner) => inner.insert(BridgeEntity, { bridgeName: 'north', openedAt }));
      transactions.afterCommit(() => {
        followed = true;
      });
      throw new Error('wind');
    });
    await expect(failing).rejects.toThrow('wind');
    expect([await names(), followed]).toEqual([[], false]);
  });

  it('does what follows the commit after it, outside of the transaction', async () => {
    let seen: string[] = [];
    await transactions.run(async (manager) => {
      transactions.afterCommit(async () => {
        expect(Transactions.current()).toBeUndefined();
        seen = await names();
      });
      await manager.insert(BridgeEntity, { bridgeName: 'north', openedAt });
    });
    expect(seen).toEqual(['north']);
  });

  it('has committed, and does the rest that follows, when something that follows fails', async () => {
    let isDone = false;
    const run = transactions.run(async (manager) => {
      transactions.afterCommit(() => {
        throw new Error('fog');
      });
      transactions.afterCommit(() => {
        isDone = true;
      });
      await manager.insert(BridgeEntity, { bridgeName: 'north', openedAt });
      return 'open';
    });
    await expect(run).resolves.toBe('open');
    expect([await names(), isDone]).toEqual([['north'], true]);
  });

  it('keeps parallel transactions apart', async () => {
    const managers = await Promise.all([1, 2].map(() => transactions.run(async (manager) => manager)));
    expect(managers[0]).not.toBe(managers[1]);
  });

  it('ends with its work: what was not awaited is no longer inside', async () => {
    let late: Promise<unknown> | undefined;
    let release: () => void = () => {};
    await transactions.run(async () => {
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      late = held.then(() => Transactions.current());
    });
    release();
    expect(await late).toBeUndefined();
  });

  it('commits a detached run even when the surrounding one fails', async () => {
    const failing = transactions.run(async () => {
      await transactions.runDetached((own) => own.insert(BridgeEntity, { bridgeName: 'record', openedAt }));
      throw new Error('wind');
    });
    await expect(failing).rejects.toThrow('wind');
    expect(await names()).toEqual(['record']);
  });
});

describe('migrate', () => {
  const bring = (migrations: Parameters<typeof migrate>[0]['migrations']) =>
    migrate({ ownerUrl: database.ownerUrl, service: 'registry', migrations });

  it('applies each migration once, also when two start at the same time', async () => {
    expect(await Promise.all([bring([CreateBridges]), bring([CreateBridges])])).toEqual([[], []]);
    expect(await pendingMigrations(source, [CreateBridges, BreakHalfway])).toEqual(['BreakHalfway2']);
  });

  it('leaves nothing of a migration that failed', async () => {
    await expect(bring([CreateBridges, BreakHalfway])).rejects.toThrow('migration BreakHalfway2 failed');
    const [{ half }] = await source.query("select to_regclass('registry.half') as half");
    expect(half).toBeNull();
  });

  it('does not let the service change its own schema', async () => {
    await expect(source.query('create table sneaky (id int)')).rejects.toThrow('permission denied');
    await expect(source.query("insert into migrations (name) values ('x')")).rejects.toThrow('permission denied');
  });
});
