import { hashSecret, newKey } from '@bascule/access';
import { type BlockDefinition, buckets, type DataOf, type EventDefinition, type Role } from '@bascule/contracts';
import { KvWriter, NatsConnectionHolder, Publisher } from '@bascule/messaging';
import { newId, type RunningService, runService } from '@bascule/platform';
import { LocalStore } from '@bascule/storage';
import { temporaryFolder, testDatabase, testNats } from '@bascule/testing';
import pg from 'pg';
import { appModule } from '../src/app.module.js';
import { configSchema } from '../src/config.js';
import { migrations } from '../src/migrations/index.js';
import { features } from './birdstrikes.js';

export interface SeenEvent {
  readonly id: string;
  readonly type: string;
  readonly causationId: string;
  readonly correlationId: string;
  readonly data: Record<string, unknown>;
}

/** A pipeline over the claims, as a client would send it. */
export const pipeline = {
  name: 'claims-triage',
  modelName: 'claims-triage',
  datasetName: 'birdstrikes',
  features,
  label: { column: 'damaged', positive: [1] },
  params: { l2: 1 },
  split: { recentDays: 2192, holdoutFraction: 0.3 },
  triggers: { onFirstDataset: true, onDrift: 'auto', minNewLabelledRows: 3000, cooldownMinutes: 0 },
};

/** The list when it has so many entries; throws until then, for `eventually`. */
export function listed<Item>(list: Item[], count = 1): Item[] {
  if (list.length !== count) throw new Error(`${list.length} instead of ${count} so far`);
  return list;
}

/** Real servers, an object store and one key; services are started by the test. */
export async function startTraining() {
  const [database, nats] = await Promise.all([testDatabase('training', migrations), testNats()]);
  const objectRoot = temporaryFolder('objects');
  const objects = new LocalStore(objectRoot);
  await objects.open();
  const connection = await NatsConnectionHolder.open(nats.url, 'test');
  const kv = new KvWriter(connection);
  const publisher = new Publisher(connection);
  const events = new Map<string, SeenEvent>();
  const subscription = connection.nc.subscribe('training.>', {
    callback: (_, message) => {
      const text = (name: string) => message.headers?.get(`ce-${name}`) ?? '';
      const attributes = { type: text('type'), causationId: text('causationid'), correlationId: text('correlationid') };
      events.set(text('id'), { id: text('id'), ...attributes, data: message.json() });
    },
  });
  const reader = new pg.Pool({ connectionString: database.url, max: 2 });
  const services: RunningService[] = [];
  const env = {
    NATS_URL: nats.url,
    DATABASE_URL: database.url,
    OBJECT_ROOT: objectRoot,
    LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent',
    // so long a service on a busy machine may stand still; where one is killed, the test waits for less
    RUN_LEASE_MS: '8000',
    RUN_POLL_MS: '50',
  };
  return {
    env,
    objects,
    kv,
    events: (type: string) => [...events.values()].filter((event) => event.type === type),
    start: async (overrides: Record<string, string> = {}): Promise<RunningService> => {
      const service = await runService(
        { service: 'training', configSchema, module: appModule },
        { ...env, INSTANCE_ID: newId(), ...overrides },
      );
      services.push(service);
      return service;
    },
    publish: async <Definition extends EventDefinition>(
      definition: Definition,
      data: DataOf<Definition>,
      id = newId(),
    ): Promise<string> => {
      await publisher.publishEvent({ definition, data, id });
      return id;
    },
    publishBlock: (definition: BlockDefinition, bytes: Uint8Array) => publisher.publishBlock(definition, bytes, { id: newId() }),
    /** For what the service itself may not do to its tables. */
    ownerUrl: database.ownerUrl,
    /** What the tables of the service hold. */
    query: async (text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> => (await reader.query(text, values)).rows,
    key: async (roles: Role[], models = ['*'], datasets = ['*']): Promise<string> => {
      const { keyId, secret, token } = newKey();
      const entry = {
        keyId,
        identity: `${roles[0]}@test`,
        secretHash: hashSecret(secret),
        roles,
        models,
        datasets,
        revokedAt: null,
      };
      await kv.put(buckets.access, keyId, entry);
      return token;
    },
    /** Closes the services started so far; the servers stay. */
    pause: async () => {
      for (const service of services.splice(0)) await service.close();
    },
    stop: async () => {
      subscription.unsubscribe();
      for (const service of services) await service.close();
      await connection.close();
      await reader.end();
      await Promise.all([nats.stop(), database.stop()]);
    },
  };
}
export type Training = Awaited<ReturnType<typeof startTraining>>;

/** Talks to the HTTP API under a key. */
export function clientOf(url: string, token: string) {
  const send = async (method: string, path: string, body?: unknown, more: Record<string, string> = {}) => {
    const response = await fetch(`${url}/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...more },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever JSON comes
    return { status: response.status, body: (await response.json()) as any };
  };
  return {
    get: (path: string) => send('GET', path),
    post: (path: string, body: unknown, more?: Record<string, string>) => send('POST', path, body, more),
    put: (path: string, body: unknown) => send('PUT', path, body),
    patch: (path: string, body: unknown) => send('PATCH', path, body),
    raw: async (method: string, path: string, body: string, type: string) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': type };
      const response = await fetch(`${url}/v1/${path}`, { method, headers, body });
      // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever JSON comes
      return { status: response.status, body: (await response.json()) as any };
    },
  };
}
