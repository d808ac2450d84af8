import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder, testNats, testPostgres } from '@bascule/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { natsConfig } from '../src/nats-permissions.js';
import { natsUsers } from '../src/secrets-file.js';
import { natsOptions } from '../src/server-sessions.js';
import { checkDatabase, checkNats } from '../src/your-servers.js';

const open: (() => Promise<unknown>)[] = [];
let url: (user: string) => string;

beforeAll(async () => {
  const configFile = join(temporaryFolder('nats-users'), 'nats.conf');
  writeFileSync(configFile, natsConfig(Object.fromEntries(natsUsers.map((user) => [user, `${user}-word`])), natsUsers));
  const nats = await testNats({ configFile });
  open.push(nats.stop);
  url = (user) => `nats://${user}:${user}-word@127.0.0.1:${nats.port}`;
});
afterAll(async () => {
  for (const close of open.reverse()) await close();
});

async function as(user: string): Promise<NatsConnection> {
  const connection = await connect(natsOptions(url(user)));
  open.push(() => connection.close());
  return connection;
}

it('refuses a service that speaks in the name of another', async () => {
  const patience = { timeout: 60_000 };
  const training = await as('training');
  const manager = await jetstreamManager(await as('operator'));
  await manager.streams.add({ name: 'REGISTRY', subjects: ['registry.>'] });
  await manager.streams.add({ name: 'TRAINING', subjects: ['training.>'] });
  await expect(training.request('registry.version.registered.v1', '{}', patience)).rejects.toThrow(/permission/i);
  expect((await training.request('training.run.started.v1', '{}', patience)).json()).toMatchObject({ stream: 'TRAINING' });
});

it('lets nobody in without a password', async () => {
  await expect(connect({ servers: natsOptions(url('x')).servers ?? '', maxReconnectAttempts: 0 })).rejects.toThrow(/authorization/i);
});

it('accepts your NATS when it lets us make streams', async () => {
  await expect(checkNats(url('operator'))).resolves.toBeUndefined();
  await expect(checkNats('nats://127.0.0.1:1')).rejects.toThrow('NATS_URL: cannot connect');
});

it('says which right your database lacks', async () => {
  const postgres = await testPostgres();
  open.push(postgres.stop);
  await expect(checkDatabase(postgres.url)).resolves.toBeUndefined();
  const pg = (await import('pg')).default;
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  const name = `plain_${Date.now()}`;
  await client.query(`CREATE ROLE ${name} LOGIN PASSWORD 'word'`);
  const plain = new URL(postgres.url);
  plain.username = name;
  plain.password = 'word';
  await expect(checkDatabase(plain.href)).rejects.toThrow('CREATEROLE');
  await client.query(`DROP ROLE ${name}`);
  await client.end();
});
