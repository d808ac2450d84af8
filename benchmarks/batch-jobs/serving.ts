import type { ChildProcess } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { hashSecret, newKey } from '@bascule/access';
import { type AccessEntry, buckets, promotionApproved } from '@bascule/contracts';
import {
  endProcess,
  findFreePort,
  measureMemory,
  type NatsServer,
  type PostgresServer,
  runMigrations,
  spawnService,
  startNats,
  startPostgres,
  tailOf,
} from '@bascule/launcher';
import { KvWriter, type NatsConnectionHolder, openConnection, Publisher } from '@bascule/messaging';
import { PredictionBlockSchema } from '@bascule/proto';
import { LocalStore } from '@bascule/storage';
import { fromBinary } from '@bufbuild/protobuf';
import type { Workload } from '../serving/workload.js';

interface Process {
  readonly name: string;
  readonly child: ChildProcess;
  readonly url: string;
}

/** PostgreSQL, NATS and serving on top of them, started as the launcher starts them. */
export class ServingStack {
  readonly processes: Process[] = [];
  token = '';

  private constructor(
    private readonly folder: string,
    private readonly postgres: PostgresServer,
    private readonly nats: NatsServer,
    private readonly connection: NatsConnectionHolder,
    private readonly databaseUrl: string,
  ) {}

  static async start(folder: string): Promise<ServingStack> {
    const postgres = await startPostgres({ dataDir: join(folder, 'postgres', 'data') });
    const password = randomBytes(18).toString('base64url');
    await runMigrations(postgres.url, { serving: password });
    const database = new URL(postgres.url);
    database.username = 'serving';
    database.password = password;
    const nats = await startNats({ storeDir: join(folder, 'nats') });
    const stack = new ServingStack(folder, postgres, nats, await openConnection(nats.url, 'benchmark'), database.href);
    await stack.addKey();
    return stack;
  }

  private async addKey(): Promise<void> {
    const { keyId, secret, token } = newKey();
    const common = { models: ['*'], datasets: [], revokedAt: null };
    const entry: AccessEntry = { keyId, identity: 'benchmark', secretHash: hashSecret(secret), roles: ['operator'], ...common };
    await new KvWriter(this.connection).put(buckets.access, keyId, entry);
    this.token = token;
  }

  /** Starts a replica and waits until it answers. */
  async add(roles: string, settings: Record<string, string> = {}): Promise<Process> {
    const name = `serving-${this.processes.length + 1}`;
    const port = await findFreePort();
    const env = {
      ...{
        PORT: String(port),
        ADMIN_PORT: '0',
        HOST: '127.0.0.1',
        LOG_LEVEL: 'info',
        OTEL_TRACES_EXPORTER: 'none',
        INSTANCE_ID: randomUUID(),
      },
      ...{ NATS_URL: this.nats.url, DATABASE_URL: this.databaseUrl, OBJECT_ROOT: join(this.folder, 'objects') },
      ...{ SPILL_DIR: join(this.folder, `spill-${name}`), SERVING_ROLES: roles, DRAIN_MS: '0' },
      ...settings,
    };
    const logFile = join(this.folder, `${name}.log`);
    const child = await spawnService({ name, service: 'serving', env, logFile });
    const running = { name, child, url: `http://127.0.0.1:${port}` };
    this.processes.push(running);
    await until(async () => {
      if (child.exitCode !== null) throw new Ended(`${name} ended:\n${tailOf(logFile)}`);
      return (await fetch(`${running.url}/health/ready`)).status === 200;
    });
    return running;
  }

  /** Makes the first version of a model its champion. */
  async promote({ modelName, model, signature }: Workload): Promise<void> {
    const objects = new LocalStore(join(this.folder, 'objects'));
    await objects.open();
    const { digest: artifactDigest, sizeBytes: artifactSizeBytes } = await objects.put(model);
    const who = { requestedBy: 'benchmark', approvedBy: 'benchmark', environment: 'production' as const };
    const data = {
      promotionId: randomUUID(),
      modelName,
      version: 1,
      ...who,
      artifactDigest,
      artifactSizeBytes,
      signature,
      strategy: { steps: [100] },
    };
    await new Publisher(this.connection).publishEvent({ definition: promotionApproved, data });
    await until(async () => {
      const { items } = await this.get<{ items: { status: string }[] }>(`/v1/rollouts?model=${modelName}`);
      return items[0]?.status === 'completed';
    });
  }

  async get<T>(path: string): Promise<T> {
    const answer = await fetch(`${this.processes[0]!.url}${path}`, { headers: { authorization: `Bearer ${this.token}` } });
    if (!answer.ok) throw new Error(`status ${answer.status} for ${path}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  /** For what the registry or a client of the stream would tell. */
  get publisher(): Publisher {
    return new Publisher(this.connection);
  }

  /** Puts a model file where gateways find it. */
  async put(model: Uint8Array): Promise<{ digest: string; sizeBytes: number }> {
    const objects = new LocalStore(join(this.folder, 'objects'));
    await objects.open();
    return objects.put(model);
  }

  /** Rows in all captured blocks so far, and how many of them are there twice. */
  async captured(): Promise<{ rows: number; repeated: number }> {
    const ids = new Set<string>();
    let rows = 0;
    const { streams } = this.connection.jsm;
    const { state } = await streams.info('PREDICTIONS');
    for (let sequence = state.first_seq; sequence <= state.last_seq && state.messages > 0; sequence++) {
      const message = await streams.getMessage('PREDICTIONS', { seq: sequence });
      for (const { predictionId } of message ? fromBinary(PredictionBlockSchema, message.data).predictions : []) {
        rows++;
        ids.add(predictionId);
      }
    }
    return { rows, repeated: rows - ids.size };
  }

  memoryBytes(): number {
    const named = this.processes.map(({ name, child }) => ({ name, pid: child.pid! }));
    return measureMemory(named).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  async stop(): Promise<void> {
    await Promise.all(this.processes.map(({ child }) => endProcess(child, 'SIGTERM')));
    await this.connection.close();
    await this.nats.stop();
    await this.postgres.stop();
  }
}

class Ended extends Error {}

/** Waits until a condition holds; at most two minutes. */
export async function until(condition: () => Promise<boolean>, timeoutMs = 120_000): Promise<void> {
  const giveUpAt = Date.now() + timeoutMs;
  const holds = () =>
    condition().catch((error: unknown) => {
      if (error instanceof Ended) throw error;
      return false;
    });
  while (!(await holds())) {
    if (Date.now() > giveUpAt) throw new Error(`not so within ${timeoutMs} ms: ${condition.toString().slice(0, 200)}`);
    await wait(100);
  }
}
