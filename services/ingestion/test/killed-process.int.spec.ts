import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, openStops, type Stops, testPostgres } from '@bascule/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spawnIngestion } from './child-process.js';
import { claimsContract, header, startIngestion } from './start-ingestion.js';

const rowCount = 70_000;
const content = Buffer.from(
  [header, ...Array.from({ length: rowCount }, (_, i) => `K-${i},1990-01-08,Small,${i % 7 === 0 ? 601 : 5},None`)].join('\n'),
);
const faulty = Math.ceil(rowCount / 7);

describe('a process that is killed', () => {
  let ingestion: Awaited<ReturnType<typeof startIngestion>>;
  let postgres: Awaited<ReturnType<typeof testPostgres>>;
  let running: Awaited<ReturnType<typeof spawnIngestion>>;
  let stops: Stops;
  beforeAll(async () => {
    postgres = await testPostgres();
    ingestion = await startIngestion({ BASCULE_ACK_WAIT_MS: '1000', SOURCE_CONNECTIONS: JSON.stringify({ here: postgres.url }) });
    await ingestion.call('POST', '/v1/contracts', { body: claimsContract });
    stops = await openStops(ingestion.ownerUrl, 'ingestion', ['dataset_versions', 'quarantined_records']);
    const [own] = ingestion.replicas.splice(0);
    await own!.close();
    running = await restart();
  });
  afterAll(async () => {
    await running.kill();
    await stops.stop();
    await ingestion.stop();
    await postgres.stop();
  });

  async function restart(settings: Record<string, string> = {}) {
    const started = await spawnIngestion({ ...ingestion.env, ...settings });
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

  it('at several places of one validation leaves one version with every record once', async () => {
    const { body } = await ingestion.call('POST', '/v1/datasets/validated/batches?contract=claims', { body: content, replica: running });
    // the part that is being written shows that validation is under way
    await eventually(() => readdirSync(join(ingestion.env.OBJECT_ROOT, 'tmp')).length > 0, { timeoutMs: 60_000 });
    await running.kill();
    // a sound batch, which dies further on each time: nothing shows that it is to blame
    for (const row of [21_001, 42_001, 63_001]) {
      await stops.arm({ table: 'quarantined_records', on: 'insert', row: { row } });
      running = await restart();
      await stops.reached();
      await running.kill();
      await stops.release();
    }
    running = await restart();
    await expectOnce('validated', body.batchId);
  });

  it('in the middle of publication leaves the version of before or the next one, and no record in both or neither', async () => {
    const count = 1000;
    const rows = [header, ...Array.from({ length: count }, (_, i) => `K-${i},1990-01-08,Large,7,None`)].join('\n');
    const window = 'mode=window&from=1990-01-08T00:00:00Z&to=1990-01-09T00:00:00Z';
    const stored = () =>
      readdirSync(ingestion.env.OBJECT_ROOT, { recursive: true }).filter((name) => /[0-9a-f]{64}$/.test(String(name))).length;
    const path = `/v1/datasets/validated/batches?contract=claims&${window}`;
    const before = stored();
    const { body } = await ingestion.call('POST', path, { body: rows, replica: running });
    // content and part of the batch are stored: what it takes the place of is being looked for in the parts of before
    await eventually(() => stored() >= before + 2, { timeoutMs: 120_000 });
    await running.kill();
    running = await restart();
    await eventually(
      async () => (await ingestion.call('GET', `/v1/batches/${body.batchId}`, { replica: running })).body.status === 'validated',
      { timeoutMs: 150_000 },
    );
    const { items } = (await ingestion.call('GET', '/v1/datasets/validated/versions', { replica: running })).body;
    expect(items.map(({ rowCount: found, changeKind }: { rowCount: number; changeKind: string }) => [changeKind, found])).toEqual([
      ['window', count],
      ['append', rowCount - faulty],
    ]);
    const events = await eventually(async () => {
      const found = (await ingestion.events('ingestion.dataset.published.v1')).filter(({ data }) => data.datasetName === 'validated');
      return found.length > 1 && found;
    });
    expect(events).toHaveLength(2);
    const again = await ingestion.call('POST', '/v1/datasets/validated/batches?contract=claims', { body: `${rows}\n`, replica: running });
    const batch = await eventually(
      async () => {
        const found = (await ingestion.call('GET', `/v1/batches/${again.body.batchId}`, { replica: running })).body;
        return found.status !== 'received' && found;
      },
      { timeoutMs: 60_000 },
    );
    expect(batch.report).toMatchObject({ acceptedCount: 0, duplicateCount: count });
  });

  it('in the middle of a pull leaves no row out and takes none twice', async () => {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    await client.query(
      `create table pulled as select id, 'P-' || id as claim, date '1990-01-08' as day, 'Small' as size, 0 as damaged from generate_series(1, 40000) as id`,
    );
    await client.end();
    const settings = {
      kind: 'postgres',
      connection: 'here',
      tableName: 'pulled',
      watermarkColumn: 'id',
      keyColumn: 'id',
      rowsPerBatch: 2000,
    };
    const body = { name: 'pulled', datasetName: 'pulled', contractName: 'claims', everySeconds: 1, settings };
    const watermark = async () =>
      Number((await ingestion.call('GET', '/v1/sources/pulled', { replica: running })).body.watermark?.watermark ?? 0);
    expect((await ingestion.call('POST', '/v1/sources', { body, replica: running })).status).toBe(201);
    for (let kills = 1; kills <= 2; kills++) {
      await eventually(async () => (await watermark()) >= kills * 6000, { timeoutMs: 30_000 });
      await running.kill();
      running = await restart();
    }
    await eventually(async () => (await watermark()) === 40_000, { timeoutMs: 60_000 });
    const counts = await eventually(
      async () => {
        const { items } = (await ingestion.call('GET', '/v1/batches?dataset=pulled&limit=100', { replica: running })).body;
        return (
          items.every(({ status }: { status: string }) => status === 'validated') && items.map(({ report }: { report: object }) => report)
        );
      },
      { timeoutMs: 120_000 },
    );
    const sum = (field: string) => counts.reduce((total: number, report: Record<string, number>) => total + report[field]!, 0);
    expect([counts.length, sum('recordCount'), sum('acceptedCount'), sum('duplicateCount')]).toEqual([20, 40_000, 40_000, 0]);
  });

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
    await eventually(async () => (await ingestion.call('GET', path, { replica: running })).body.offsetBytes > 500_000, {
      timeoutMs: 30_000,
    });
    await running.kill();
    await broken;
    running = await restart();
    const offset = Number((await ingestion.call('HEAD', path, { replica: running })).headers.get('upload-offset'));
    expect(offset).toBeGreaterThan(500_000);
    const headers = { 'upload-offset': String(offset) };
    const last = await ingestion.call('PATCH', path, { body: content.subarray(offset), type, headers, replica: running });
    expect(readdirSync(join(ingestion.env.OBJECT_ROOT, 'uploads'))).not.toContain(id);
    await expectOnce('resumed', last.headers.get('bascule-batch-id')!);
  });

  it('in the middle of a publication that nobody repeats leaves a part that is removed, and nothing else is', async () => {
    const root = ingestion.env.OBJECT_ROOT;
    const parts = () =>
      readdirSync(root, { recursive: true })
        .map(String)
        .filter((name) => /[0-9a-f]{64}$/.test(name) && readFileSync(join(root, name)).subarray(0, 4).toString() === 'PAR1');
    const rows = [header, ...Array.from({ length: 1000 }, (_, i) => `K-${i},1990-01-08,Medium,7,None`)].join('\n');
    const window = 'mode=window&from=1990-01-08T00:00:00Z&to=1990-01-09T00:00:00Z';
    const before = new Set(parts());
    const path = `/v1/datasets/resumed/batches?contract=claims&${window}`;
    await stops.arm({ table: 'dataset_versions', on: 'insert', row: { dataset_name: 'resumed' } });
    const { body } = await ingestion.call('POST', path, { body: rows, replica: running });
    await stops.reached();
    const [left] = parts().filter((name) => !before.has(name));
    await running.kill();
    await stops.release();
    const client = new pg.Client({ connectionString: ingestion.ownerUrl });
    await client.connect();
    // as if it had ended there with its process each time
    await client.query('update ingestion.validation_starts set starts = 3, died_at = place, deaths_there = 2 where batch_id = $1', [
      body.batchId,
    ]);
    await client.end();
    running = await restart({ UNUSED_OBJECTS_HOURS: '0.001', UNUSED_OBJECTS_INTERVAL_MS: '100' });
    await eventually(() => !existsSync(join(root, left!)), { timeoutMs: 60_000 });
    const batch = await eventually(
      async () => {
        const found = (await ingestion.call('GET', `/v1/batches/${body.batchId}`, { replica: running })).body;
        return found.status !== 'received' && found;
      },
      { timeoutMs: 60_000 },
    );
    expect(batch.status).toBe('rejected');
    expect(new Set(parts())).toEqual(before);
    // what was sent stays with its batch, and manifests with their versions
    const objects = readdirSync(root, { recursive: true }).map(String);
    const [{ version }] = (await ingestion.call('GET', '/v1/datasets/resumed/versions', { replica: running })).body.items;
    for (const digest of [batch.contentDigest, version]) expect(objects.some((name) => name.endsWith(digest))).toBe(true);
  });
});
