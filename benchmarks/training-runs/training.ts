import type { ChildProcess } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { hashSecret, newKey } from '@bascule/access';
import { type AccessEntry, buckets, type DatasetManifest, datasetPublished } from '@bascule/contracts';
import {
  endProcess,
  findFreePort,
  type NatsServer,
  type PostgresServer,
  runMigrations,
  spawnService,
  startNats,
  startPostgres,
  tailOf,
} from '@bascule/launcher';
import { KvWriter, type NatsConnectionHolder, openConnection, Publisher } from '@bascule/messaging';
import { LocalStore } from '@bascule/storage';
import { TableWriter } from '@bascule/tables';

/** PostgreSQL, NATS and training on top of them, started as the launcher starts them. */
export class TrainingStack {
  readonly publisher: Publisher;
  private process: ChildProcess | undefined;
  private url = '';
  private token = '';

  private constructor(
    private readonly folder: string,
    private readonly postgres: PostgresServer,
    private readonly nats: NatsServer,
    readonly connection: NatsConnectionHolder,
  ) {
    this.publisher = new Publisher(connection);
  }

  static async start(folder: string): Promise<TrainingStack> {
    const postgres = await startPostgres({ dataDir: join(folder, 'postgres', 'data') });
    const password = randomBytes(18).toString('base64url');
    await runMigrations(postgres.url, { training: password });
    const database = new URL(postgres.url);
    database.username = 'training';
    database.password = password;
    const nats = await startNats({ storeDir: join(folder, 'nats') });
    const stack = new TrainingStack(folder, postgres, nats, await openConnection(nats.url, 'benchmark'));
    await stack.addKey();
    await stack.startService(database.href);
    return stack;
  }

  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const headers = { authorization: `Bearer ${this.token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
    const answer = await fetch(`${this.url}/v1/${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`status ${answer.status} for ${path}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  /** Publishes a dataset version of so many rows, as ingestion does. */
  async publishDataset(datasetName: string, rowCount: number): Promise<void> {
    const objects = new LocalStore(join(this.folder, 'objects'));
    await objects.open();
    const writer = new TableWriter({
      format: 'parquet',
      columns: [
        { name: 'occurred_at', type: 'timestamp' },
        { name: 'amount', type: 'number' },
        { name: 'kind', type: 'string' },
        { name: 'paid', type: 'integer' },
      ],
    });
    const stored = objects.put(writer.content);
    const from = Date.parse('2020-01-01T00:00:00Z');
    for (let row = 0; row < rowCount; row++) {
      const amount = (row * 7919) % 1000;
      await writer.add([from + row * 60_000, amount, `kind-${row % 7}`, (amount + ((row * 31) % 400)) % 1000 > 700 ? 1 : 0]);
    }
    await writer.finish();
    const counts = { rowCount, labelledCount: rowCount };
    const range = { occurredFrom: new Date(from).toISOString(), occurredTo: new Date(from + rowCount * 60_000).toISOString() };
    const batchId = randomUUID();
    const manifest: DatasetManifest = {
      schemaVersion: 1,
      datasetName,
      ...{ contractName: datasetName, contractVersion: 1, parentVersion: null },
      columns: [
        { name: 'occurred_at', type: 'timestamp', role: 'time', nullable: false },
        { name: 'amount', type: 'number', role: 'feature', nullable: true },
        { name: 'kind', type: 'string', role: 'feature', nullable: true },
        { name: 'paid', type: 'integer', role: 'label', nullable: true },
      ],
      parts: [{ ...(await stored), ...counts, ...range, batchId, origin: 'upload' }],
      ...counts,
      ...range,
    };
    const { digest: datasetVersion } = await objects.put(Buffer.from(JSON.stringify(manifest)));
    const about = { datasetName, datasetVersion, parentVersion: null, contractName: datasetName, contractVersion: 1 };
    const data = { ...about, ...counts, newLabelledCount: rowCount, ...range, batchIds: [batchId] };
    await this.publisher.publishEvent({ definition: datasetPublished, data });
  }

  async stop(): Promise<void> {
    if (this.process) await endProcess(this.process, 'SIGTERM');
    await this.connection.close();
    await this.nats.stop();
    await this.postgres.stop();
  }

  private async addKey(): Promise<void> {
    const { keyId, secret, token } = newKey();
    const common = { models: ['*'], datasets: ['*'], revokedAt: null };
    const entry: AccessEntry = { keyId, identity: 'benchmark', secretHash: hashSecret(secret), roles: ['scientist'], ...common };
    await new KvWriter(this.connection).put(buckets.access, keyId, entry);
    this.token = token;
  }

  private async startService(databaseUrl: string): Promise<void> {
    const port = await findFreePort();
    const env = {
      ...{ PORT: String(port), ADMIN_PORT: '0', HOST: '127.0.0.1', LOG_LEVEL: 'warn', OTEL_TRACES_EXPORTER: 'none' },
      ...{ INSTANCE_ID: randomUUID(), NATS_URL: this.nats.url, DATABASE_URL: databaseUrl, OBJECT_ROOT: join(this.folder, 'objects') },
    };
    const logFile = join(this.folder, 'training.log');
    this.process = await spawnService({ name: 'training', service: 'training', env, logFile });
    this.url = `http://127.0.0.1:${port}`;
    await until(async () => {
      if (this.process!.exitCode !== null) throw new Ended(`training ended:\n${tailOf(logFile)}`);
      return (await fetch(`${this.url}/health/ready`)).status === 200;
    });
  }
}

/** Not worth waiting any longer. */
export class Ended extends Error {}

/** Waits until a condition holds. */
export async function until(condition: () => Promise<boolean>, everyMs = 50, timeoutMs = 240_000): Promise<void> {
  const giveUpAt = Date.now() + timeoutMs;
  const holds = () =>
    condition().catch((error: unknown) => {
      if (error instanceof Ended) throw error;
      return false;
    });
  while (!(await holds())) {
    if (Date.now() > giveUpAt) throw new Error(`not so within ${timeoutMs} ms: ${condition.toString().slice(0, 200)}`);
    await wait(everyMs);
  }
}
