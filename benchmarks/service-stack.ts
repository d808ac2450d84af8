import type { ChildProcess } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { hashSecret, newKey } from '@bascule/access';
import { type AccessEntry, buckets, type Role, type ServiceName } from '@bascule/contracts';
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

export interface Process {
  readonly name: string;
  readonly child: ChildProcess;
  readonly url: string;
}

/** PostgreSQL, NATS and processes of one service on top of them, started as the launcher starts them. */
export class ServiceStack {
  readonly processes: Process[] = [];

  private constructor(
    readonly folder: string,
    private readonly service: ServiceName,
    private readonly postgres: PostgresServer,
    private readonly nats: NatsServer,
    readonly connection: NatsConnectionHolder,
    private readonly databaseUrl: string,
    /** Of a key that may touch every model and dataset. */
    readonly token: string,
  ) {}

  static async start(folder: string, service: ServiceName, role: Role): Promise<ServiceStack> {
    const postgres = await startPostgres({ dataDir: join(folder, 'postgres', 'data') });
    const password = randomBytes(18).toString('base64url');
    await runMigrations(postgres.url, { [service]: password });
    const database = new URL(postgres.url);
    database.username = service;
    database.password = password;
    const nats = await startNats({ storeDir: join(folder, 'nats') });
    const connection = await openConnection(nats.url, 'benchmark');
    const { keyId, secret, token } = newKey();
    const common = { models: ['*'], datasets: ['*'], revokedAt: null };
    const entry: AccessEntry = { keyId, identity: 'benchmark', secretHash: hashSecret(secret), roles: [role], ...common };
    await new KvWriter(connection).put(buckets.access, keyId, entry);
    return new ServiceStack(folder, service, postgres, nats, connection, database.href, token);
  }

  /** Starts a replica and waits until it is ready. */
  async add(settings: Record<string, string> = {}): Promise<Process> {
    const name = `${this.service}-${this.processes.length + 1}`;
    const port = await findFreePort();
    const env = {
      ...{ PORT: String(port), ADMIN_PORT: '0', HOST: '127.0.0.1', LOG_LEVEL: 'info', OTEL_TRACES_EXPORTER: 'none' },
      ...{ INSTANCE_ID: randomUUID(), NATS_URL: this.nats.url, DATABASE_URL: this.databaseUrl, OBJECT_ROOT: join(this.folder, 'objects') },
      ...settings,
    };
    const logFile = join(this.folder, `${name}.log`);
    const child = await spawnService({ name, service: this.service, env, logFile });
    const running = { name, child, url: `http://127.0.0.1:${port}` };
    this.processes.push(running);
    await until(async () => {
      if (child.exitCode !== null) throw new Ended(`${name} ended:\n${tailOf(logFile)}`);
      return (await fetch(`${running.url}/health/ready`)).status === 200;
    });
    return running;
  }

  /** For what no API does: filling tables. */
  get ownerUrl(): string {
    return this.postgres.url;
  }

  async stop(): Promise<void> {
    await Promise.all(this.processes.map(({ child }) => endProcess(child, 'SIGTERM')));
    await this.connection.close();
    await this.nats.stop();
    await this.postgres.stop();
  }
}

/** Not worth waiting any longer. */
export class Ended extends Error {}

/** Waits until a condition holds, asked again every so many ms. @throws what says that it never will (`Ended`), or that it took too long */
export async function until(condition: () => Promise<boolean>, everyMs = 100, timeoutMs = 120_000): Promise<void> {
  const giveUpAt = Date.now() + timeoutMs;
  let last: unknown;
  const holds = () =>
    condition().catch((error: unknown) => {
      if (error instanceof Ended) throw error;
      last = error;
      return false;
    });
  while (!(await holds())) {
    if (Date.now() > giveUpAt) throw new Error(`not so within ${timeoutMs} ms: ${condition.toString().slice(0, 200)}`, { cause: last });
    await wait(everyMs);
  }
}
