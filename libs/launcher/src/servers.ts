import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceName } from '@bascule/contracts';
import pg from 'pg';
import { claimDatabase, claimNats } from './claim-servers.js';
import type { DataDirectory } from './data-directory.js';
import { Keeper } from './keeper.js';
import { natsConfig } from './nats-permissions.js';
import type { Reaper } from './reaper.js';
import { natsUsers, type Passwords } from './secrets-file.js';
import { requireReachable } from './server-user.js';
import { type NatsServer, startNats } from './start-nats.js';
import { type PostgresServer, startPostgres } from './start-postgres.js';
import { checkDatabase, checkNats } from './your-servers.js';

export interface Database {
  ownerUrl: string;
  urlOf(service: ServiceName): string;
  /** Only for a server of our own. */
  server?: PostgresServer;
  keeper?: Keeper;
}

export interface Broker {
  operatorUrl: string;
  urlOf(user: ServiceName | 'console'): string;
  server?: NatsServer;
  keeper?: Keeper;
}

export interface ServerContext {
  directory: DataDirectory;
  passwords: Passwords;
  reaper: Reaper;
  takePort: () => Promise<number>;
  tell: (text: string) => void;
}

const databaseName = 'bascule';

function withUser(text: string, user: string, password: string | undefined): string {
  const url = new URL(text);
  url.username = user;
  url.password = password ?? '';
  return url.href;
}

async function ensureDatabase(server: PostgresServer): Promise<void> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [databaseName]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${databaseName}`);
  } finally {
    await client.end();
  }
}

/** The user's PostgreSQL when one is named, else a private one that is kept running. */
export async function startDatabase({ directory, passwords, reaper, takePort, tell }: ServerContext, yours?: string): Promise<Database> {
  const urls = (ownerUrl: string) => ({
    ownerUrl,
    urlOf: (service: ServiceName) => withUser(ownerUrl, service, passwords.database[service]),
  });
  if (yours) {
    await checkDatabase(yours);
    await claimDatabase(directory, yours);
    return urls(yours);
  }
  requireReachable(directory.state);
  const log = join(directory.path('logs'), 'postgres.log');
  const server = await startPostgres({
    dataDir: join(directory.path('postgres'), 'cluster'),
    port: await takePort(),
    settings: { shared_buffers: '48MB', max_connections: '250' },
    onLog: (text) => appendFileSync(log, text, { mode: 0o600 }),
    onProcess: (child) => reaper.note('postgres', 2, 'INT', child),
  });
  const keeper = new Keeper({
    name: 'postgres',
    stopSignal: 'SIGINT',
    stopTimeoutMs: 20_000,
    tell,
    launch: async () => {
      await server.restart();
      return server.process;
    },
  });
  keeper.adopt(server.process);
  try {
    await ensureDatabase(server);
  } catch (error) {
    await keeper.stop();
    throw error;
  }
  return { ...urls(server.urlOf(databaseName)), server, keeper };
}

/** The user's NATS when one is named, else a private one that is kept running, with one user per service. */
export async function startBroker({ directory, passwords, reaper, takePort, tell }: ServerContext, yours?: string): Promise<Broker> {
  if (yours) {
    await checkNats(yours);
    await claimNats(directory, yours);
    return { operatorUrl: yours, urlOf: () => yours };
  }
  const configFile = directory.path('nats.conf');
  writeFileSync(configFile, natsConfig(passwords.nats, natsUsers), { mode: 0o600 });
  const log = join(directory.path('logs'), 'nats.log');
  const server = await startNats({
    storeDir: directory.path('nats'),
    port: await takePort(),
    configFile,
    tell,
    onLog: (text) => appendFileSync(log, text, { mode: 0o600 }),
    onProcess: (child) => reaper.note('nats', 2, 'TERM', child),
  });
  const keeper = new Keeper({
    name: 'nats',
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 20_000,
    tell,
    launch: async () => {
      await server.restart();
      return server.process;
    },
  });
  keeper.adopt(server.process);
  const urlOf = (user: string) => withUser(server.url, user, passwords.nats[user]);
  return { operatorUrl: urlOf('operator'), urlOf, server, keeper };
}
