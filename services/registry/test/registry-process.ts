import { fileURLToPath } from 'node:url';
import { hashSecret, newKey } from '@bascule/access';
import { buckets, type DataOf, type EventDefinition } from '@bascule/contracts';
import { ensureStreams, KvWriter, openConnection, Publisher } from '@bascule/messaging';
import { newId } from '@bascule/platform';
import { LocalStore } from '@bascule/storage';
import { openStops, type ServiceProcess, spawnService, temporaryFolder, testDatabase, testNats } from '@bascule/testing';
import { migrations } from '../src/migrations/index.js';

const program = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** An event as it lies in its stream. */
export interface StoredEvent {
  readonly id: string;
  readonly type: string;
  readonly data: Record<string, unknown>;
}

/** The registry as a process of its own, with real servers: it can be killed at any moment and started again. */
export async function startRegistryProcess() {
  const [database, nats] = await Promise.all([testDatabase('registry', migrations), testNats()]);
  const objectRoot = temporaryFolder('objects');
  const objects = new LocalStore(objectRoot);
  await objects.open();
  const stops = await openStops(database.ownerUrl, 'registry', ['outbox_events']);
  let connection = await openConnection(nats.url, 'test');
  await ensureStreams(connection.jsm);
  const { keyId, secret, token } = newKey();
  const entry = {
    keyId,
    identity: 'sam',
    secretHash: hashSecret(secret),
    roles: ['scientist'],
    models: ['*'],
    datasets: ['*'],
    revokedAt: null,
  };
  await new KvWriter(connection).put(buckets.access, keyId, entry);
  const env = {
    NATS_URL: nats.url,
    DATABASE_URL: database.url,
    OBJECT_ROOT: objectRoot,
    OTEL_TRACES_EXPORTER: 'none',
    NATS_RESEND_WINDOW_MS: '1000',
  };
  let service: ServiceProcess | undefined;

  async function start(): Promise<void> {
    service = await spawnService(program, { env });
  }

  async function kill(): Promise<void> {
    await service?.kill();
  }

  await start();
  return {
    objects,
    nats,
    stops,
    start,
    kill,
    call: async (method: string, path: string, body?: object) => {
      const headers = { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}) };
      const response = await fetch(`${service?.url}${path}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
      // biome-ignore lint/suspicious/noExplicitAny: tests read answers freely
      return { status: response.status, body: (await response.json()) as any };
    },
    publish: async <Definition extends EventDefinition>(definition: Definition, data: DataOf<Definition>) => {
      await new Publisher(connection).publishEvent({ definition, data, id: newId() });
    },
    /** Every event of the registry, once, in the order of the stream. */
    stored: async (): Promise<StoredEvent[]> => {
      const found = new Map<string, StoredEvent>();
      const { state } = await connection.jsm.streams.info('REGISTRY');
      for (let sequence = state.first_seq; sequence <= state.last_seq; sequence++) {
        const message = await connection.jsm.streams.getMessage('REGISTRY', { seq: sequence });
        if (!message) continue;
        const id = message.header.get('ce-id');
        found.set(id, { id, type: message.subject, data: message.json() });
      }
      return [...found.values()];
    },
    /** Has the test itself talk to a server that was started again. */
    reconnect: async () => {
      await connection.close();
      connection = await openConnection(nats.url, 'test');
    },
    stop: async () => {
      await kill();
      await connection.close();
      await stops.stop();
      await Promise.all([database.stop(), nats.stop()]);
    },
  };
}
export type RegistryProcess = Awaited<ReturnType<typeof startRegistryProcess>>;
