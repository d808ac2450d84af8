import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Ended, type Process, ServiceStack, until } from '../service-stack.js';

const patience = [50, 900_000] as const;

/** Ingestion on servers of its own. */
export class IngestionStack {
  private constructor(
    private readonly servers: ServiceStack,
    private readonly ingestion: Process,
  ) {}

  static async start(folder: string): Promise<IngestionStack> {
    const servers = await ServiceStack.start(folder, 'ingestion', 'scientist');
    const stack = new IngestionStack(servers, await servers.add());
    await until(async () => (await stack.request('GET', '/v1/datasets')).status === 200);
    return stack;
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
    await until(
      async () => {
        const answer = await this.request('GET', `/v1/batches/${batchId}`);
        const batch = (await answer.json()) as { status: string; report: { acceptedCount: number; rejection: string[] } };
        if (batch.status === 'rejected') throw new Ended(batch.report.rejection.join('; '));
        accepted = batch.report?.acceptedCount ?? 0;
        return batch.status === 'validated';
      },
      ...patience,
    );
    return accepted;
  }

  /** The most memory the process had, in MB; undefined where the system does not tell. */
  peakMegabytes(): number | undefined {
    try {
      const line = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${this.ingestion.child.pid}/status`, 'utf8'));
      return line ? Number(line[1]) / 1000 : undefined;
    } catch {
      return undefined;
    }
  }

  stop(): Promise<void> {
    return this.servers.stop();
  }

  private request(method: string, path: string, body?: string | ReadableStream, type = 'text/plain'): Promise<Response> {
    const headers = { authorization: `Bearer ${this.servers.token}`, ...(body === undefined ? {} : { 'content-type': type }) };
    return fetch(`${this.ingestion.url}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body, duplex: 'half' }),
    } as RequestInit);
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
