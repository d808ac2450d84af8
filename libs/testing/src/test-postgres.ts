import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type PostgresServer, startPostgres } from '@bascule/launcher';
import pg from 'pg';
import { endWithUs } from './end-with-us.js';
import { removeFolder, temporaryFolder } from './temporary-folder.js';
import { testPort } from './test-port.js';

/** Where the server shared by one test run listens; set by the global setup. */
export const sharedPostgresVariable = 'BASCULE_TEST_POSTGRES_URL';

export interface TestPostgres {
  /** Owner URL of an empty database that nobody else uses. */
  readonly url: string;
  readonly port: number;
  /** Fault injection; only with `{ own: true }`, because the shared server belongs to every test file. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** Drops the database, and stops the server if it is its own. */
  stop(): Promise<void>;
}

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

/** Starts a throwaway server; its folder goes when it stops. */
export async function startThrowawayPostgres(settings?: Record<string, string>): Promise<PostgresServer> {
  const folder = temporaryFolder('postgres');
  const server = await startPostgres({
    dataDir: join(folder, 'cluster', 'data'),
    port: await testPort(),
    isThrowaway: true,
    onProcess: endWithUs('postgres'),
    ...(settings ? { settings } : {}),
  });
  return {
    ...server,
    get process() {
      return server.process;
    },
    stop: async () => {
      await server.stop();
      removeFolder(folder);
    },
  };
}

/** An empty database on the test run's shared PostgreSQL, or on a server of its own that can be killed. */
export async function testPostgres(options: { own?: boolean; settings?: Record<string, string> } = {}): Promise<TestPostgres> {
  const shared = options.own ? undefined : process.env[sharedPostgresVariable];
  const server = shared ? undefined : await startThrowawayPostgres(options.settings);
  const adminUrl = shared ?? server!.url;
  const name = `test_${randomBytes(6).toString('hex')}`;
  await query(adminUrl, `CREATE DATABASE ${name}`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  const refuse = async () => {
    throw new Error('the shared PostgreSQL is not to be killed: ask for testPostgres({ own: true })');
  };
  return {
    url: url.href,
    port: Number(url.port),
    kill: server ? server.kill : refuse,
    restart: server ? server.restart : refuse,
    stop: async () => {
      if (server) await server.stop();
      else await query(adminUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}
