import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { hashSecret, newKey } from '@bascule/access';
import { type AccessEntry, buckets, type ModelSignature, type Role, type RoutedVersion, type RoutingEntry } from '@bascule/contracts';
import { KvWriter, NatsConnectionHolder, openConnection } from '@bascule/messaging';
import { type RunningService, runService } from '@bascule/platform';
import { decodePredictionBlock, type PredictionBlock } from '@bascule/proto';
import { LocalStore } from '@bascule/storage';
import { eventually, temporaryFolder, testNats } from '@bascule/testing';
import { serviceOptions } from '../src/app.module.js';
import { InferenceGrpc } from '../src/inference/inference.grpc.js';
import { noteProblem, undocumentedProblems } from './documented-problems.js';

export type Running = RunningService & { readonly grpcUrl: string };

/** A NATS server, an object store and keys, and gateways or whole services on top of them. */
export async function servingStack() {
  const nats = await testNats();
  const connection: NatsConnectionHolder = await openConnection(nats.url, 'test');
  const writer = new KvWriter(connection);
  const objectRoot = temporaryFolder('objects');
  const spillDir = temporaryFolder('spill');
  const objects = new LocalStore(objectRoot);
  await objects.open();
  const running: Running[] = [];

  async function key(roles: Role[], models = ['*']): Promise<string> {
    const { keyId, secret, token } = newKey();
    const entry: AccessEntry = {
      keyId,
      identity: `${roles[0]}@test`,
      secretHash: hashSecret(secret),
      roles,
      models,
      datasets: ['*'],
      revokedAt: null,
    };
    await writer.put(buckets.access, keyId, entry);
    for (const { url } of running) await eventually(() => knowsKey(url, token));
    return token;
  }

  async function version(
    number: number,
    model: Uint8Array,
    signature: ModelSignature,
    share: Pick<RoutedVersion, 'percent' | 'role'>,
  ): Promise<RoutedVersion> {
    const { digest, sizeBytes } = await objects.put(model);
    return { version: number, artifactDigest: digest, artifactSizeBytes: sizeBytes, signature, ...share };
  }

  async function route(modelName: string, revision: number, versions: RoutedVersion[], rolloutId: string | null = null): Promise<void> {
    const entry: RoutingEntry = {
      modelName,
      environment: 'production',
      revision,
      rolloutId,
      versions,
      updatedAt: new Date().toISOString(),
    };
    await writer.put(buckets.routing, modelName, entry);
  }

  async function start(env: Record<string, string> = {}): Promise<Running> {
    const service = await runService(serviceOptions, {
      NATS_URL: nats.url,
      OBJECT_ROOT: objectRoot,
      SPILL_DIR: spillDir,
      SERVING_ROLES: 'gateway',
      LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'error',
      INSTANCE_ID: randomUUID(),
      DRAIN_MS: '0',
      ...env,
    });
    const isGateway = (env['SERVING_ROLES'] ?? 'gateway').includes('gateway');
    const started = { ...service, grpcUrl: isGateway ? `http://127.0.0.1:${service.app.get(InferenceGrpc, { strict: false }).port}` : '' };
    running.push(started);
    return started;
  }

  async function stop(): Promise<void> {
    const missing: string[] = [];
    for (const service of running.splice(0)) {
      missing.push(...(await undocumentedProblems(service.url)));
      await service.close();
    }
    await connection.close();
    await nats.stop();
    assert.deepEqual(missing, [], 'errors that the description of the API does not name');
  }

  return { nats, connection, objects, objectRoot, spillDir, key, version, route, start, stop };
}
export type ServingStack = Awaited<ReturnType<typeof servingStack>>;

/** True once a gateway or control has heard of a key, or is gone. */
async function knowsKey(url: string, token: string): Promise<boolean> {
  const headers = { authorization: `Bearer ${token}` };
  const status = async (path: string) => (await fetch(url + path, { headers }).catch(() => undefined))?.status;
  return (await status('/v2/models/none')) !== 401 && (await status('/v1/endpoints')) !== 401;
}

/** Calls the gateway and answers status, headers and parsed body. */
export async function call(
  url: string,
  token: string,
  options: { method?: string; body?: unknown; headers?: Record<string, string> } = {},
) {
  const { method = options.body === undefined ? 'GET' : 'POST', body, headers = {} } = options;
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects
  const answer = (text ? JSON.parse(text) : undefined) as any;
  if (!response.ok) noteProblem(method, url, answer?.code);
  return { status: response.status, headers: response.headers, body: answer };
}

/** What was read of a server before, by its place in the stream; one that was started again may hold something else there. */
const readBefore = new WeakMap<object, { readonly pid: number | undefined; readonly blocks: Map<number, PredictionBlock> }>();

/** Every block of predictions in the stream. */
export async function captured({ connection, nats }: ServingStack): Promise<PredictionBlock[]> {
  const { streams } = connection.jsm;
  const { state } = await streams.info('PREDICTIONS');
  const { pid } = nats.process;
  const before = readBefore.get(connection);
  const known = before?.pid === pid ? before.blocks : new Map<number, PredictionBlock>();
  readBefore.set(connection, { pid, blocks: known });
  const blocks = [];
  for (let sequence = state.first_seq; sequence <= state.last_seq && state.messages > 0; sequence++) {
    const message = known.has(sequence) ? null : await streams.getMessage('PREDICTIONS', { seq: sequence });
    if (message) known.set(sequence, decodePredictionBlock(message.data));
    const block = known.get(sequence);
    if (block) blocks.push(block);
  }
  return blocks;
}

/** Waits until the gateway says that it is ready. */
export async function ready({ url }: { url: string }): Promise<void> {
  await eventually(async () => (await fetch(`${url}/v2/health/ready`)).status === 200, { timeoutMs: 60_000 });
}
