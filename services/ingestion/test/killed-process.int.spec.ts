import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spawnIngestion } from './child-process.js';
import { claimsContract, header, startIngestion } from './start-ingestion.js';

const rowCount = 150_000;
const content = Buffer.from(
  [header, ...Array.from({ length: rowCount }, (_, i) => `K-${i},1990-01-08,Small,${i % 7 === 0 ? 601 : 5},None`)].join('\n'),
);
const faulty = Math.ceil(rowCount / 7);

describe('a process that is killed', () => {
  let ingestion: Awaited<ReturnType<typeof startIngestion>>;
  let running: Awaited<ReturnType<typeof spawnIngestion>>;
  beforeAll(async () => {
    ingestion = await startIngestion({ BASCULE_ACK_WAIT_MS: '1000' });
    await ingestion.call('POST', '/v1/contracts', { body: claimsContract });
    const [own] = ingestion.replicas.splice(0);
    await own!.close();
    running = await restart();
  }, 120_000);
  afterAll(async () => {
    await running.kill();
    await ingestion.stop();
  });

  async function restart() {
    const started = await spawnIngestion(ingestion.env);
    await eventually(async () => (await ingestion.call('GET', '/v1/datasets', { replica: started })).status === 200, { timeoutMs: 30_000 });
    return started;
  }

  async function expectOnce(dataset: string, batchId: string) {
    const batch = await eventually(
      async () => {
        const { body } = await ingestion.call('GET', `/v1/batches/${batchId}`, { replica: running });
        return body.status !== 'received' && body;
      },
      { timeoutMs: 150_000 },
    );
    expect(batch).toMatchObject({
      status: 'validated',
      report: { recordCount: rowCount, acceptedCount: rowCount - faulty, quarantinedCount: faulty },
    });
    const { body: versions } = await ingestion.call('GET', `/v1/datasets/${dataset}/versions`, { replica: running });
    expect(versions.items.map(({ rowCount }: { rowCount: number }) => rowCount)).toEqual([rowCount - faulty]);
    const published = await eventually(async () => {
      const events = await ingestion.events('ingestion.dataset.published.v1');
      return events.some(({ data }) => data.datasetName === dataset) && events;
    });
    expect(published.filter(({ data }) => data.datasetName === dataset)).toHaveLength(1);
    expect((await ingestion.events('ingestion.batch.received.v1')).filter(({ data }) => data.datasetName === dataset)).toHaveLength(1);
  }

  it('in the middle of validation leaves one version with every record once', async () => {
    const { body } = await ingestion.call('POST', '/v1/datasets/validated/batches?contract=claims', { body: content, replica: running });
    // the part that is being written shows that validation is under way
    await eventually(() => readdirSync(join(ingestion.env.OBJECT_ROOT, 'tmp')).length > 0, { timeoutMs: 60_000 });
    await running.kill();
    running = await restart();
    await expectOnce('validated', body.batchId);
  }, 240_000);

  it('in the middle of an upload leaves what has arrived, and the upload goes on', async () => {
    const metadata = Object.entries({ dataset: 'resumed', contract: 'claims', filetype: 'text/csv' })
      .map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`)
      .join(',');
    const begun = await ingestion.call('POST', '/v1/uploads', {
      replica: running,
      headers: { 'upload-length': String(content.length), 'upload-metadata': metadata },
    });
    const path = begun.headers.get('location')!;
    const half = Math.floor(content.length / 2);
    let sent = 0;
    const slow = new ReadableStream<Uint8Array>({
      async pull(stream) {
        if (sent >= half) return new Promise(() => undefined);
        stream.enqueue(content.subarray(sent, sent + 65_536));
        sent += 65_536;
      },
    });
    const type = 'application/offset+octet-stream';
    const broken = ingestion
      .call('PATCH', path, { body: slow, type, headers: { 'upload-offset': '0' }, replica: running })
      .catch(() => undefined);
    const id = path.split('/').at(-1)!;
    await eventually(async () => (await ingestion.call('GET', path, { replica: running })).body.offsetBytes > 1_000_000, {
      timeoutMs: 30_000,
    });
    await running.kill();
    await broken;
    running = await restart();
    const offset = Number((await ingestion.call('HEAD', path, { replica: running })).headers.get('upload-offset'));
    expect(offset).toBeGreaterThan(1_000_000);
    const headers = { 'upload-offset': String(offset) };
    const last = await ingestion.call('PATCH', path, { body: content.subarray(offset), type, headers, replica: running });
    expect(readdirSync(join(ingestion.env.OBJECT_ROOT, 'uploads'))).not.toContain(id);
    await expectOnce('resumed', last.headers.get('bascule-batch-id')!);
  }, 240_000);
});
