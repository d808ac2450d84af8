import { hashSecret, newKey } from '@bascule/access';
import {
  buckets,
  type DataOf,
  type EventDefinition,
  type GatewaySign,
  predictionLabelled,
  predictionLogged,
  type ReferenceProfile,
  type Role,
  type RolloutMeasure,
  versionRegistered,
} from '@bascule/contracts';
import { KvWriter, NatsConnectionHolder, Publisher } from '@bascule/messaging';
import { newId, type RunningService, runService } from '@bascule/platform';
import { type LabelledBlock, LabelledBlockSchema } from '@bascule/proto';
import { LocalStore } from '@bascule/storage';
import { temporaryFolder, testDatabase, testNats } from '@bascule/testing';
import { fromBinary } from '@bufbuild/protobuf';
import pg from 'pg';
import { appModule } from '../src/app.module.js';
import { configSchema } from '../src/config.js';
import { migrations } from '../src/migrations/index.js';
import { blockOf, type Shot } from './blocks.js';

/** Real servers, an object store and one key; replicas are started by the test. */
export async function startMonitoring() {
  const [database, nats] = await Promise.all([testDatabase('monitoring', migrations), testNats()]);
  const objectRoot = temporaryFolder('objects');
  const objects = new LocalStore(objectRoot);
  await objects.open();
  const connection = await NatsConnectionHolder.open(nats.url, 'test');
  const kv = new KvWriter(connection);
  const publisher = new Publisher(connection);
  const events: { id: string; type: string; data: Record<string, never> }[] = [];
  const labelledBlocks = new Map<string, LabelledBlock>();
  const subscription = connection.nc.subscribe('monitoring.>', {
    callback: (_, message) => {
      const id = message.headers?.get('ce-id') ?? '';
      if (message.subject === predictionLabelled.type) labelledBlocks.set(id, fromBinary(LabelledBlockSchema, message.data));
      else if (!events.some((event) => event.id === id)) events.push({ id, type: message.subject, data: message.json() });
    },
  });
  const owner = new pg.Client({ connectionString: database.ownerUrl });
  owner.on('error', () => undefined);
  await owner.connect();
  const services: RunningService[] = [];
  const env = {
    NATS_URL: nats.url,
    DATABASE_URL: database.url,
    OBJECT_ROOT: objectRoot,
    LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent',
    EVALUATE_EVERY_MS: '50',
  };
  const publish = async <Definition extends EventDefinition>(
    definition: Definition,
    data: DataOf<Definition>,
    id = newId(),
    time = new Date().toISOString(),
  ) => {
    await publisher.publishEvent({ definition, data, id, time });
    return id;
  };
  return {
    nats,
    publish,
    events: (type: string) => events.filter((event) => event.type === type),
    labelledRows: () => [...labelledBlocks.values()].flatMap(({ rows }) => rows),
    measure: (measure: RolloutMeasure) => kv.put(buckets.rollouts, `${measure.rolloutId}.${measure.producer}`, measure),
    sign: (sign: GatewaySign) => kv.put(buckets.gateways, sign.producer, sign),
    start: async (settings: Record<string, string> = {}): Promise<RunningService> => {
      const all = { ...env, INSTANCE_ID: newId(), ...settings };
      const service = await runService({ service: 'monitoring', configSchema, module: appModule }, all);
      services.push(service);
      return service;
    },
    publishBlock: async (shots: readonly Shot[], id = newId()): Promise<string> => {
      await publisher.publishBlock(predictionLogged, blockOf(shots), { id });
      return id;
    },
    publishRaw: async (bytes: Uint8Array) => publisher.publishBlock(predictionLogged, bytes, { id: newId() }),
    /** @returns the digest the document is stored under */
    store: async (document: object): Promise<string> => (await objects.put(Buffer.from(JSON.stringify(document)))).digest,
    register: async (modelName: string, version: number, profile: ReferenceProfile) => {
      const { digest } = await objects.put(Buffer.from(JSON.stringify(profile)));
      await publish(versionRegistered, {
        modelName,
        version,
        registeredBy: 'training',
        artifactDigest: digest,
        artifactSizeBytes: 1,
        profileDigest: digest,
        signature: {
          inputs: [{ name: 'speed', datatype: 'FP32', shape: [-1, 1] }],
          outputs: [{ name: 'probabilities', datatype: 'FP32', shape: [-1, 2] }],
        },
        metrics: {},
      });
    },
    query: async <Row>(sql: string, parameters: unknown[] = []): Promise<Row[]> => (await owner.query(sql, parameters)).rows as Row[],
    /** Breaks every connection of the service, in the middle of whatever it does. */
    cutConnections: async () => {
      await owner.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'monitoring' and datname = current_database()`,
      );
    },
    key: async (roles: Role[], models = ['*']): Promise<string> => {
      const { keyId, secret, token } = newKey();
      const entry = {
        keyId,
        identity: `${roles[0]}@test`,
        secretHash: hashSecret(secret),
        roles,
        models,
        datasets: ['*'],
        revokedAt: null,
      };
      await kv.put(buckets.access, keyId, entry);
      return token;
    },
    stop: async () => {
      subscription.unsubscribe();
      for (const service of services) await service.close();
      await connection.close();
      await owner.end();
      await Promise.all([nats.stop(), database.stop()]);
    },
  };
}
export type Monitoring = Awaited<ReturnType<typeof startMonitoring>>;

/** Reads the HTTP API under a key. */
export function clientOf(url: string, token: string) {
  const send = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${url}/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever JSON comes
    return { status: response.status, body: (await response.json()) as any };
  };
  return { get: (path: string) => send('GET', path), put: (path: string, body: unknown) => send('PUT', path, body) };
}
