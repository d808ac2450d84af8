import { hashSecret, newKey } from '@bascule/access';
import {
  type BlockDefinition,
  buckets,
  type DataOf,
  type EventDefinition,
  freezeKey,
  type ModelSignature,
  type Role,
} from '@bascule/contracts';
import { KvWriter, openConnection, Publisher } from '@bascule/messaging';
import { newId, type RunningService, runService } from '@bascule/platform';
import { onnx } from '@bascule/proto';
import { LocalStore } from '@bascule/storage';
import { eventually, temporaryFolder, testDatabase, testNats } from '@bascule/testing';
import { create, toBinary } from '@bufbuild/protobuf';
import { appModule } from '../src/app.module.js';
import { configSchema, isStreamed, maxArtifactBytes } from '../src/config.js';
import { migrations } from '../src/migrations/index.js';
import { openTestSource } from './open-test-source.js';

export interface SeenEvent {
  readonly id: string;
  readonly type: string;
  readonly causationId: string;
  readonly data: Record<string, unknown>;
}

/** A model file with the inputs and outputs of `signature`; another seed makes another file. */
export function onnxBytes(seed: string): Buffer {
  const tensor = (name: string, width: bigint) => ({
    name,
    type: {
      value: {
        case: 'tensorType' as const,
        value: {
          elemType: onnx.TensorProto_DataType.FLOAT,
          shape: {
            dim: [{ value: { case: 'dimParam' as const, value: 'batch' } }, { value: { case: 'dimValue' as const, value: width } }],
          },
        },
      },
    },
  });
  const node = [
    { opType: 'Sigmoid', input: ['speed_knots'], output: ['yes'] },
    { opType: 'Neg', input: ['speed_knots'], output: ['negative'] },
    { opType: 'Sigmoid', input: ['negative'], output: ['no'] },
    {
      opType: 'Concat',
      input: ['no', 'yes'],
      output: ['probabilities'],
      attribute: [{ name: 'axis', i: 1n, type: onnx.AttributeProto_AttributeType.INT }],
    },
  ];
  const graph = { name: seed, node, input: [tensor('speed_knots', 1n)], output: [tensor('probabilities', 2n)] };
  const model = create(onnx.ModelProtoSchema, { irVersion: 8n, opsetImport: [{ domain: '', version: 17n }], graph });
  return Buffer.from(toBinary(onnx.ModelProtoSchema, model));
}

export const signature: ModelSignature = {
  inputs: [{ name: 'speed_knots', datatype: 'FP32', shape: [-1, 1], kind: 'numeric' }],
  outputs: [{ name: 'probabilities', datatype: 'FP32', shape: [-1, 2] }],
};

const identities = { sam: ['scientist'], ada: ['approver'], otto: ['operator'], cli: ['client'], root: ['admin'] } satisfies Record<
  string,
  Role[]
>;
export type Identity = keyof typeof identities;

/** A registry with real servers, keys for four people and everything it publishes. */
export async function startRegistry(extra: Record<string, string> = {}) {
  const [database, nats] = await Promise.all([testDatabase('registry', migrations), testNats()]);
  const connection = await openConnection(nats.url, 'test');
  const kv = new KvWriter(connection);
  const tokens = {} as Record<Identity, string>;
  for (const [identity, roles] of Object.entries(identities)) {
    const { keyId, secret, token } = newKey();
    tokens[identity as Identity] = token;
    const entry = { keyId, identity, secretHash: hashSecret(secret), roles, models: ['claims-*'], datasets: ['*'], revokedAt: null };
    await kv.put(buckets.access, keyId, entry);
  }
  const events = new Map<string, SeenEvent>();
  const subscription = connection.nc.subscribe('registry.>', {
    callback: (_, message) => {
      const header = (name: string) => message.headers?.get(`ce-${name}`) ?? '';
      events.set(header('id'), { id: header('id'), type: message.subject, causationId: header('causationid'), data: message.json() });
    },
  });
  const objectRoot = temporaryFolder('objects');
  const objects = new LocalStore(objectRoot);
  await objects.open();
  const env = {
    NATS_URL: nats.url,
    DATABASE_URL: database.url,
    OBJECT_ROOT: objectRoot,
    LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent',
    ...extra,
  };
  const options = {
    service: 'registry',
    configSchema,
    module: appModule,
    rawBodies: ['application/octet-stream'],
    isStreamed,
    bodyLimitBytes: maxArtifactBytes,
  };
  const running: RunningService = await runService(options, env);
  const publisher = new Publisher(connection);
  const source = await openTestSource(database.url, []);

  return {
    env,
    objects,
    url: running.url,
    tokens,
    adminUrl: running.adminUrl,
    ownerUrl: database.ownerUrl,
    /** Asks the tables as the role of the service. */
    query: (sql: string) => source.manager.query(sql),
    /** Calls the API as somebody; `null` sends no key. */
    call: async (who: Identity | null, method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
      const isRaw = Buffer.isBuffer(body);
      const response = await fetch(running.url + path, {
        method,
        headers: {
          ...(who ? { authorization: `Bearer ${tokens[who]}` } : {}),
          ...(body === undefined ? {} : { 'content-type': isRaw ? 'application/octet-stream' : 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: isRaw ? new Uint8Array(body) : JSON.stringify(body) }),
      });
      const text = await response.text();
      const isJson = response.headers.get('content-type')?.includes('json') ?? false;
      // biome-ignore lint/suspicious/noExplicitAny: tests read answers freely
      return { status: response.status, headers: response.headers, body: (isJson ? JSON.parse(text) : text) as any };
    },
    /** Publishes an event as its own service would. */
    publish: async <Definition extends EventDefinition>(definition: Definition, data: DataOf<Definition>, id = newId(), time?: string) => {
      await publisher.publishEvent({ definition, data, id, ...(time ? { time } : {}) });
      return id;
    },
    publishBlock: (definition: BlockDefinition, bytes: Uint8Array) => publisher.publishBlock(definition, bytes, { id: newId() }),
    /** Changes a key, as governance would. */
    putKey: (keyId: string, identity: string, revokedAt: string | null = null) =>
      kv.put(buckets.access, keyId, {
        keyId,
        identity,
        secretHash: hashSecret('x'),
        roles: ['client'],
        models: ['*'],
        datasets: ['*'],
        revokedAt,
      }),
    seen: (type: string) => [...events.values()].filter((event) => event.type === type),
    /** Waits for the nth event of a type. */
    waitFor: (type: string, count = 1): Promise<SeenEvent> =>
      eventually(() => {
        const found = [...events.values()].filter((event) => event.type === type);
        if (found.length < count) throw new Error(`${found.length} of ${count} ${type}`);
        return found[count - 1]!;
      }),
    setFrozen: async (frozen: boolean) => {
      await kv.put(buckets.control, freezeKey, { frozen, by: 'otto', reason: 'a test of the switch', since: new Date().toISOString() });
    },
    stop: async () => {
      await running.close();
      await source.destroy();
      subscription.unsubscribe();
      await connection.close();
      await Promise.all([database.stop(), nats.stop()]);
    },
  };
}
export type Registry = Awaited<ReturnType<typeof startRegistry>>;
