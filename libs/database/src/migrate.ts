import { setTimeout as delay } from 'node:timers/promises';
import type { QueryRunner } from 'typeorm';
import { createDataSource } from './data-source.js';
import { applyMigrations, type MigrationClass } from './migrations.js';

export interface MigrateOptions {
  /** Connects as the owner of the database; services never get this. */
  readonly ownerUrl: string;
  /** Name of the schema and the role. */
  readonly service: string;
  /** Set as the role's password when given. */
  readonly rolePassword?: string;
  readonly migrations: readonly MigrationClass[];
}

/** Makes the schema and role if missing, applies migrations under a lock and grants the role what it needs. Returns what was applied. */
export async function migrate({ ownerUrl, service, rolePassword, migrations }: MigrateOptions): Promise<string[]> {
  if (!/^[a-z][a-z_]{0,30}$/.test(service)) throw new Error(`${service} is not usable as a schema name`);
  const source = await createDataSource({ service, url: ownerUrl, entities: [], poolSize: 1 }).initialize();
  const runner = source.createQueryRunner();
  try {
    await runner.query('set statement_timeout = 0');
    await runner.query('select pg_advisory_lock(hashtextextended($1, 0))', [`bascule-migrate-${service}`]);
    await retryConcurrent(() => prepareRole(runner, service, rolePassword));
    await runner.query(`create schema if not exists "${service}"`);
    const applied = await applyMigrations(runner, migrations);
    await retryConcurrent(() => grant(runner, service));
    return applied;
  } finally {
    await runner.query('select pg_advisory_unlock_all()').catch(() => undefined);
    await runner.release();
    await source.destroy();
  }
}

async function prepareRole(runner: QueryRunner, service: string, password: string | undefined): Promise<void> {
  const found = (await runner.query('select 1 from pg_roles where rolname = $1', [service])) as unknown[];
  if (found.length === 0) await runner.query(`create role "${service}" login`);
  if (password === undefined) return;
  const [{ literal }] = (await runner.query('select quote_literal($1::text) as literal', [password])) as [{ literal: string }];
  await runner.query(`alter role "${service}" login password ${literal}`);
}

async function grant(runner: QueryRunner, service: string): Promise<void> {
  const [{ name }] = (await runner.query('select quote_ident(current_database()) as name')) as [{ name: string }];
  const statements = [
    `alter role "${service}" in database ${name} set search_path = "${service}"`,
    `grant connect, temporary on database ${name} to "${service}"`,
    `grant usage on schema "${service}" to "${service}"`,
    `grant select, insert, update, delete, truncate on all tables in schema "${service}" to "${service}"`,
    `grant usage, select, update on all sequences in schema "${service}" to "${service}"`,
    `grant execute on all functions in schema "${service}" to "${service}"`,
    `revoke insert, update, delete, truncate on "${service}".migrations from "${service}"`,
  ];
  for (const statement of statements) await runner.query(statement);
}

// roles belong to the whole server: two databases migrating at once collide with "already exists" or "concurrently updated"
async function retryConcurrent(work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const { code } = error as { code?: string };
      if (attempt >= 20 || !['42710', '23505', 'XX000', '40001'].includes(code ?? '')) throw error;
      await delay(25 * attempt);
    }
  }
}
