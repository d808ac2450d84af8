import type { ChildProcess } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { hashSecret, newKey } from '@bascule/access';
import { type AccessEntry, buckets } from '@bascule/contracts';
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
import { KvWriter, type NatsConnectionHolder, openConnection } from '@bascule/messaging';

/** PostgreSQL, NATS and ingestion on top of them, started as the launcher starts them. */
export class IngestionStack {
  private token = '';
  private url = '';
  private child: ChildProcess | undefined;

  private constructor(
    private readonly postgres: PostgresServer,
    private readonly nats: NatsServer,
    private readonly connection: NatsConnectionHolder,
  ) {}

  static async start(folder: string): Promise<IngestionStack> {
    const postgres = await startPostgres({ dataDir: join(folder, 'postgres', 'data') });
    const password = randomBytes(18).toString('base64url');
    await runMigrations(postgres.url, { ingestion: password });
    const database = new URL(postgres.url);
    database.username = 'ingestion';
    database.password = password;
    const nats = await startNats({ storeDir: join(folder, 'nats') });
    const stack = new IngestionStack(postgres, nats, await openConnection(nats.url, 'benchmark'));
    const { keyId, secret, token } = newKey();
    const common = { models: ['*'], datasets: ['*'], revokedAt: null };
    const entry: AccessEntry = { keyId, identity: 'benchmark', secretHash: hashSecret(secret), roles: ['scientist'], ...common };
    await new KvWriter(stack.connection).put(buckets.access, keyId, entry);
    stack.token = token;
    await stack.spawn(folder, database.href, nats.url);
    return stack;
  }

  private async spawn(folder: string, databaseUrl: string, natsUrl: string): Promise<void> {
    const port = await findFreePort();
    const env = {
      ...{ PORT: String(port), ADMIN_PORT: '0', HOST: '127.0.0.1', LOG_LEVEL: 'info', OTEL_TRACES_EXPORTER: 'none' },
      ...{ INSTANCE_ID: randomUUID(), NATS_URL: natsUrl, DATABASE_URL: databaseUrl, OBJECT_ROOT: join(folder, 'objects') },
    };
    const logFile = join(folder, 'ingestion.log');
    const child = await spawnService({ name: 'ingestion', service: 'ingestion', env, logFile });
    this.child = child;
    this.url = `http://127.0.0.1:${port}`;
    await until(async () => {
      if (child.exitCode !== null) throw new Error(`ingestion ended:\n${tailOf(logFile)}`);
      return (await fetch(`${this.url}/health/ready`)).status === 200;
    });
    await until(async () => (await this.request('GET', '/v1/datasets')).status === 200);
  }

  async publish(contract: object): Promise<void> {
    const answer = await this.request('POST', '/v1/contracts', JSON.stringify(contract), 'application/json');
    if (!answer.ok) throw new Error(await answer.text());
  }

  /** Sends a file as a batch and waits for its verdict. @returns the number of rows accepted */
  async send(dataset: string, contract: string, file: string, type: string): Promise<number> {
    const body = Readable.toWeb(createReadStream(file)) as ReadableStream;
    const sent = await this.request('POST', `/v1/datasets/${dataset}/batches?contract=${contract}`, body, type);
    const { batchId } = (await sent.json()) as { batchId: string };
    if (!sent.ok) throw new Error(`status ${sent.status}`);
    let accepted = 0;
    await until(async () => {
      const answer = await this.request('GET', `/v1/batches/${batchId}`);
      const batch = (await answer.json()) as { status: string; report: { acceptedCount: number; rejection: string[] } };
      if (batch.status === 'rejected') throw new Ended(batch.report.rejection.join('; '));
      accepted = batch.report?.acceptedCount ?? 0;
      return batch.status === 'validated';
    });
    return accepted;
  }

  /** The most memory the process had, in MB; undefined where the system does not tell. */
  peakMegabytes(): number | undefined {
    try {
      const line = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${this.child?.pid}/status`, 'utf8'));
      return line ? Number(line[1]) / 1000 : undefined;
    } catch {
      return undefined;
    }
  }

  async stop(): Promise<void> {
    if (this.child) await endProcess(this.child, 'SIGTERM');
    await this.connection.close();
    await this.nats.stop();
    await this.postgres.stop();
  }

  private request(method: string, path: string, body?: string | ReadableStream, type = 'text/plain'): Promise<Response> {
    const headers = { authorization: `Bearer ${this.token}`, ...(body === undefined ? {} : { 'content-type': type }) };
    return fetch(`${this.url}${path}`, { method, headers, ...(body === undefined ? {} : { body, duplex: 'half' }) } as RequestInit);
  }
}

class Ended extends Error {}

async function until(check: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 900_000; ; await wait(50)) {
    const is = await check().catch((error: unknown) => {
      if (error instanceof Ended || Date.now() > end) throw error;
      return false;
    });
    if (is) return;
    if (Date.now() > end) throw new Error('it took more than fifteen minutes');
  }
}

/** Three million flights as Parquet, where the package that has them is installed. */
export function flightsFile(): string | undefined {
  const path = fileURLToPath(new URL('../../../node_modules/vega-datasets/data/flights-3m.parquet', import.meta.url));
  return existsSync(path) ? path : undefined;
}

export const flightsContract = {
  ...{ apiVersion: 'v3.1.0', kind: 'DataContract', id: 'urn:benchmark:flights', name: 'flights', version: '1', status: 'active' },
  schema: [
    {
      name: 'flights',
      properties: [
        { name: 'date', logicalType: 'timestamp', required: true, customProperties: [{ property: 'role', value: 'time' }] },
        { name: 'delay', logicalType: 'integer', required: true },
        { name: 'distance', logicalType: 'integer', required: true, logicalTypeOptions: { minimum: 0 } },
        { name: 'origin', logicalType: 'string', required: true, logicalTypeOptions: { minLength: 3, maxLength: 3 } },
        { name: 'destination', logicalType: 'string', required: true, logicalTypeOptions: { minLength: 3, maxLength: 3 } },
      ],
    },
  ],
};
