import { hashSecret, newKey } from '@bascule/access';
import { buckets, type EventEnvelope, type Role } from '@bascule/contracts';
import { KvWriter, type NatsConnectionHolder, openConnection, Publisher, parseMessage, streamOf } from '@bascule/messaging';
import { type RunningService, runService } from '@bascule/platform';
import { eventually, temporaryFolder, testDatabase, testNats } from '@bascule/testing';
import { serviceOptions } from '../src/app.module.js';
import { migrations } from '../src/migrations/index.js';

// biome-ignore lint/suspicious/noExplicitAny: the shape is what the tests check
type Loose = any;

export type Answer = { status: number; body: Loose; headers: Headers };

/** Largest content of a batch in these tests. */
export const limitBytes = 64 * 1024 * 1024;

/** Servers of its own, keys, and one replica of the service or more. */
export async function startIngestion(settings: Record<string, string> = {}) {
  const [database, nats] = await Promise.all([testDatabase('ingestion', migrations), testNats()]);
  const connection = await openConnection(nats.url, 'test');
  const env = {
    NATS_URL: nats.url,
    DATABASE_URL: database.url,
    OBJECT_ROOT: temporaryFolder('objects'),
    LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent',
    FEEDBACK_INTERVAL_MS: '100',
    UPLOAD_LIMIT_BYTES: String(limitBytes),
    ...settings,
  };
  const keys = new KvWriter(connection);
  const replicas: RunningService[] = [];

  async function keyFor(role: Role, datasets = ['*']): Promise<string> {
    const { keyId, secret, token } = newKey();
    const entry = { keyId, identity: `${role}-1`, secretHash: hashSecret(secret), roles: [role], models: ['*'], datasets, revokedAt: null };
    await keys.put(buckets.access, keyId, entry);
    for (const replica of replicas)
      await eventually(async () => (await call('GET', '/v1/datasets', { replica, key: token })).status !== 401);
    return token;
  }

  const scientist = await keyFor('scientist');

  async function startReplica(): Promise<RunningService> {
    const replica = await runService(serviceOptions, env);
    replicas.push(replica);
    await eventually(async () => (await call('GET', '/v1/datasets', { replica })).status === 200);
    return replica;
  }

  async function call(
    method: string,
    path: string,
    options: {
      body?: string | Uint8Array | ReadableStream | object;
      type?: string;
      key?: string | null;
      headers?: Record<string, string>;
      replica?: Pick<RunningService, 'url'>;
    } = {},
  ): Promise<Answer> {
    const { body, type, key = scientist, replica = replicas.at(-1)!, headers = {} } = options;
    const isRaw = typeof body === 'string' || body instanceof Uint8Array || body instanceof ReadableStream;
    const sent: RequestInit & { duplex?: 'half' } = {
      ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
      method,
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'content-type': type ?? (isRaw ? 'text/csv' : 'application/json') }),
        ...headers,
      },
    };
    if (body !== undefined) sent.body = isRaw ? (body as BodyInit) : JSON.stringify(body);
    const response = await fetch(new URL(path, replica.url), sent);
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
  }

  /** Sends a batch and waits for its verdict. */
  async function send(dataset: string, contract: string, body: string | Uint8Array, type = 'text/csv', query = '') {
    const sent = await call('POST', `/v1/datasets/${dataset}/batches?contract=${contract}${query}`, { body, type });
    if (sent.status !== 202) throw new Error(JSON.stringify(sent.body));
    return decided(sent.body.batchId);
  }

  async function decided(batchId: string, timeoutMs = 120_000) {
    return eventually(
      async () => {
        const { body } = await call('GET', `/v1/batches/${batchId}`);
        return body.status !== 'received' && body;
      },
      { timeoutMs },
    );
  }

  async function events(type: string): Promise<EventEnvelope<Loose>[]> {
    const stream = streamOf(type);
    const { state } = await connection.jsm.streams.info(stream);
    const found: EventEnvelope<Loose>[] = [];
    for (let seq = state.first_seq; seq <= state.last_seq && state.messages > 0; seq++) {
      const message = await connection.jsm.streams.getMessage(stream, { seq });
      if (!message || message.subject !== type) continue;
      const headers = Object.fromEntries([...message.header].map(([name, values]) => [name, values[0] ?? '']));
      found.push({ ...parseMessage(headers, message.data).envelope, data: JSON.parse(Buffer.from(message.data).toString()) });
    }
    return found;
  }

  /** The first event of a type; waits until the relay has brought it. */
  function firstEvent(type: string): Promise<EventEnvelope<Loose>> {
    return eventually(async () => (await events(type))[0] ?? false) as Promise<EventEnvelope<Loose>>;
  }

  await startReplica();
  return {
    call,
    send,
    decided,
    events,
    firstEvent,
    keyFor,
    startReplica,
    replicas,
    env,
    ownerUrl: database.ownerUrl,
    connection: connection as NatsConnectionHolder,
    publisher: new Publisher(connection),
    stop: async () => {
      await Promise.all(replicas.map((replica) => replica.close()));
      await connection.close();
      await nats.stop();
      await database.stop();
    },
  };
}

/** A small contract: id, day, size, speed and label. */
export const claimsContract = {
  apiVersion: 'v3.1.0',
  kind: 'DataContract',
  id: 'urn:test:claims',
  name: 'claims',
  version: '1.0.0',
  status: 'active',
  schema: [
    {
      name: 'claims',
      properties: [
        {
          name: 'claim',
          physicalName: 'Claim',
          logicalType: 'string',
          primaryKey: true,
          customProperties: [{ property: 'role', value: 'id' }],
        },
        { name: 'day', physicalName: 'Day', logicalType: 'date', required: true, customProperties: [{ property: 'role', value: 'time' }] },
        {
          name: 'size',
          physicalName: 'Size',
          logicalType: 'string',
          required: true,
          customProperties: [{ property: 'role', value: 'feature' }],
        },
        {
          name: 'speed',
          physicalName: 'Speed',
          logicalType: 'number',
          logicalTypeOptions: { minimum: 0, maximum: 600 },
          customProperties: [{ property: 'role', value: 'feature' }],
        },
        {
          name: 'damaged',
          physicalName: 'Damage',
          logicalType: 'integer',
          required: true,
          customProperties: [
            { property: 'role', value: 'label' },
            { property: 'mapValues', value: { None: 0, Minor: 1 } },
          ],
        },
      ],
    },
  ],
  customProperties: [
    { property: 'maxQuarantinedPercent', value: 50 },
    { property: 'publishAfterRows', value: 3 },
    { property: 'publishAfterSeconds', value: 3600 },
  ],
};

export const header = 'Claim,Day,Size,Speed,Damage';
