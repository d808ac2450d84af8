import type { migrate as Migrate } from '@bascule/database';
import pg from 'pg';
import { testPostgres } from './test-postgres.js';

export interface TestDatabase {
  /** What a service gets as DATABASE_URL: its own role, its own schema. */
  readonly url: string;
  readonly ownerUrl: string;
  stop(): Promise<void>;
}

type Migrations = Parameters<typeof Migrate>[0]['migrations'];

/** Roles belong to the whole server: test files that share one must not make the same role at the same time. */
async function oneAtATime(serverUrl: string, work: () => Promise<unknown>): Promise<void> {
  const url = new URL(serverUrl);
  url.pathname = '/postgres';
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock(4242)');
    await work();
  } finally {
    await client.end();
  }
}

/** A migrated database for one service, under the role and schema the service has in production. */
export async function testDatabase(service: string, migrations: Migrations): Promise<TestDatabase> {
  const { migrate } = await import('@bascule/database'); // on demand: TypeORM is slow to load, and most tests need none
  const postgres = await testPostgres();
  const rolePassword = `${service}-test`;
  await oneAtATime(postgres.url, () => migrate({ ownerUrl: postgres.url, service, rolePassword, migrations }));
  const url = new URL(postgres.url);
  url.username = service;
  url.password = rolePassword;
  return { url: url.href, ownerUrl: postgres.url, stop: postgres.stop };
}
