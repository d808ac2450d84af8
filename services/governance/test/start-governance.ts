import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newKey } from '@bascule/access';
import { NatsConnectionHolder, Publisher } from '@bascule/messaging';
import { type RunningService, runService } from '@bascule/platform';
import { eventually, temporaryFolder, testDatabase, testNats } from '@bascule/testing';
import { appModule } from '../src/app.module.js';
import { configSchema } from '../src/config.js';
import { migrations } from '../src/migrations/index.js';

const roles = ['client', 'operator', 'scientist', 'approver', 'auditor', 'admin'] as const;
export type RoleName = (typeof roles)[number];

// biome-ignore lint/suspicious/noExplicitAny: a test reads answers as a stranger does, without our types
export type Answer = any;

/** Governance with its own PostgreSQL schema and nats-server, in one or more replicas. */
export async function startGovernance({ replicas = 1, env: extra = {} as Record<string, string> } = {}) {
  const [database, nats] = await Promise.all([testDatabase('governance', migrations), testNats()]);
  const folder = temporaryFolder('governance');
  const keys = Object.fromEntries(roles.map((role) => [role, newKey().token])) as Record<RoleName, string>;
  writeFileSync(join(folder, 'keys.json'), JSON.stringify(keys));
  const env = {
    NATS_URL: nats.url,
    DATABASE_URL: database.url,
    LOG_LEVEL: 'error',
    BOOTSTRAP_KEYS_FILE: join(folder, 'keys.json'),
    SIGNING_KEY_FILE: join(folder, 'secret', 'signing.key'),
    CHECKPOINT_INTERVAL_MS: '200',
    PROJECTION_INTERVAL_MS: '500',
    ...extra,
  };
  const start = () => runService({ service: 'governance', configSchema, module: appModule }, { ...env, INSTANCE_ID: randomUUID() });
  const running: RunningService[] = await Promise.all(Array.from({ length: replicas }, start));
  const connection = await NatsConnectionHolder.open(nats.url, 'test');
  const call = async (role: RoleName | { token: string } | undefined, method: string, path: string, body?: unknown, replica = 0) => {
    const token = typeof role === 'string' ? keys[role] : role?.token;
    const response = await fetch(`${running[replica]!.url}${path}`, {
      method,
      headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: response.status, body: (await response.json()) as Answer };
  };
  // each replica has heard of the keys
  for (const replica of running.keys())
    for (const role of roles) await eventually(async () => (await call(role, 'GET', '/v1/whoami', undefined, replica)).status !== 401);
  return {
    database,
    nats,
    folder,
    env,
    keys,
    connection,
    publisher: new Publisher(connection),
    running,
    call,
    get: async (path: string, role: RoleName = 'auditor') => (await call(role, 'GET', path)).body,
    restart: async () => {
      await Promise.all(running.map((service) => service.close()));
      running.splice(0, running.length, ...(await Promise.all(running.map(start))));
    },
    stop: async () => {
      await connection.close();
      await Promise.all(running.map((service) => service.close()));
      await nats.stop();
      await database.stop();
    },
  };
}
export type Governance = Awaited<ReturnType<typeof startGovernance>>;
