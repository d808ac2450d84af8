import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DatasetManifest, datasetPublished } from '@bascule/contracts';
import { type NatsConnectionHolder, Publisher } from '@bascule/messaging';
import { LocalStore } from '@bascule/storage';
import { TableWriter } from '@bascule/tables';
import { type Process, ServiceStack } from '../service-stack.js';

const ticksPerSecond = 100;

/** Training on servers of its own. */
export class TrainingStack {
  readonly publisher: Publisher;

  private constructor(
    private readonly servers: ServiceStack,
    private readonly training: Process,
  ) {
    this.publisher = new Publisher(servers.connection);
  }

  static async start(folder: string): Promise<TrainingStack> {
    const servers = await ServiceStack.start(folder, 'training', 'scientist');
    return new TrainingStack(servers, await servers.add({ LOG_LEVEL: 'warn' }));
  }

  get connection(): NatsConnectionHolder {
    return this.servers.connection;
  }

  get ownerUrl(): string {
    return this.servers.ownerUrl;
  }

  /** Seconds of processor time that the service has used; undefined where the system does not tell. */
  processorSeconds(): number | undefined {
    const path = `/proc/${this.training.child.pid}/stat`;
    if (!existsSync(path)) return undefined;
    const [, ticks] = /^.*\) (?:\S+ ){11}(\d+ \d+) /.exec(readFileSync(path, 'utf8')) ?? [];
    const [user = 0, system = 0] = (ticks ?? '').split(' ').map(Number);
    return (user + system) / ticksPerSecond;
  }

  async call<T>(method: string, path: string, body?: unknown, token = this.servers.token): Promise<T> {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const answer = await fetch(`${this.training.url}/v1/${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`status ${answer.status} for ${path}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  /** Publishes a dataset version of so many rows, as ingestion does. */
  async publishDataset(datasetName: string, rowCount: number): Promise<void> {
    const objects = new LocalStore(join(this.servers.folder, 'objects'));
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

  stop(): Promise<void> {
    return this.servers.stop();
  }
}
