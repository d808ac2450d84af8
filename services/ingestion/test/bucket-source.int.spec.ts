import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFakeBucket } from './s3-fake.js';
import { claimsContract, header, startIngestion } from './start-ingestion.js';

const csv = (...claims: string[]) => `${[header, ...claims.map((claim) => `${claim},1990-01-08,Small,1,None`)].join('\n')}\n`;

describe('a source that is a prefix of a bucket', () => {
  let ingestion: Awaited<ReturnType<typeof startIngestion>>;
  let bucket: Awaited<ReturnType<typeof startFakeBucket>>;
  beforeAll(async () => {
    bucket = await startFakeBucket('claims-data');
    const place = { bucket: 'claims-data', endpoint: bucket.endpoint, accessKeyId: 'id', secretAccessKey: 'hidden-key' };
    ingestion = await startIngestion({ SOURCE_BUCKETS: JSON.stringify({ claims: place }), SOURCES_INTERVAL_MS: '50' });
    await ingestion.startReplica();
    await ingestion.call('POST', '/v1/contracts', { body: claimsContract });
  });
  afterAll(async () => {
    await ingestion.stop();
    await bucket.stop();
  });

  const create = (name: string, settings: object, everySeconds = 86_400) =>
    ingestion.call('POST', '/v1/sources', { body: { name, datasetName: name, contractName: 'claims', everySeconds, settings } });
  const rowsOf = async (dataset: string) => {
    const { items } = (await ingestion.call('GET', `/v1/batches?dataset=${dataset}&limit=100`)).body;
    const isDone = items.every(({ status }: { status: string }) => status === 'validated');
    return isDone ? items.reduce((sum: number, { report }: { report: { acceptedCount: number } }) => sum + report.acceptedCount, 0) : -1;
  };

  it('gives each object once, over all pages, also when many pull at once; changed ones again', async () => {
    for (let i = 1; i <= 5; i++) bucket.put(`in/2001/part ${i}.csv`, csv(`S${i}`));
    bucket.put('in/2001/notes.txt', 'no table');
    bucket.put('elsewhere/x.csv', csv('X1'));
    expect((await create('bucket', { kind: 's3', bucket: 'claims', prefix: 'in/', pattern: '*.csv' })).status).toBe(201);
    await Promise.all(
      Array.from({ length: 6 }, (_, i) => ingestion.call('POST', '/v1/sources/bucket/run', { replica: ingestion.replicas[i % 2]! })),
    );
    await eventually(async () => (await rowsOf('bucket')) === 5);
    expect((await ingestion.call('POST', '/v1/sources/bucket/run')).body.batchIds).toEqual([]);
    bucket.put('in/2001/part 1.csv', csv('S1', 'S6'), new Date(Date.now() + 1000));
    expect((await ingestion.call('POST', '/v1/sources/bucket/run')).body.batchIds).toHaveLength(1);
    await eventually(async () => (await rowsOf('bucket')) === 6);
    expect(bucket.reads).not.toContain('elsewhere/x.csv');
    expect(bucket.reads).not.toContain('in/2001/notes.txt');
  });

  it('leaves an object that changes while it is read to the next look', async () => {
    bucket.put('moving/a.csv', csv('M1'));
    bucket.put('moving/b.csv', csv('M2'));
    let changes = 1;
    bucket.setOnRead((key) => key === 'moving/a.csv' && changes-- > 0 && bucket.put(key, csv('M1', 'M3'), new Date(Date.now() + 1000)));
    await create('moving', { kind: 's3', bucket: 'claims', prefix: 'moving/' });
    await eventually(async () => (await rowsOf('moving')) === 1);
    bucket.setOnRead(() => undefined);
    expect((await ingestion.call('POST', '/v1/sources/moving/run')).body).toMatchObject({ batchIds: [expect.any(String)], trouble: null });
    await eventually(async () => (await rowsOf('moving')) === 3);
  });

  it('goes on behind an object that cannot be read, gives it up after five tries with the reason, and tries again when asked', async () => {
    for (const name of ['a', 'b', 'c']) bucket.put(`partly/${name}.csv`, csv(`P${name}`));
    bucket.setBroken('partly/b.csv', true);
    await create('partly', { kind: 's3', bucket: 'claims', prefix: 'partly/' });
    const run = () => ingestion.call('POST', '/v1/sources/partly/run');
    const troubles = async () => (await ingestion.call('GET', '/v1/sources/partly/troubles')).body.items;
    await eventually(async () => (await rowsOf('partly')) === 2);
    for (let i = 0; i < 4; i++) expect((await run()).body.trouble).toContain('partly/b.csv');
    const tries = () => bucket.reads.filter((key) => key === 'partly/b.csv').length;
    expect(await troubles()).toMatchObject([
      { path: 'partly/b.csv', attempts: 5, isGivenUp: true, lastError: expect.stringContaining('archived') },
    ]);
    const before = tries();
    expect((await run()).body.trouble).toContain('given up');
    expect(tries()).toBe(before);
    bucket.setBroken('partly/b.csv', false);
    expect((await ingestion.call('POST', '/v1/sources/partly/troubles/retry')).body).toEqual({ count: 1 });
    expect((await run()).body).toMatchObject({ batchIds: [expect.any(String)], trouble: null });
    expect(await troubles()).toEqual([]);
    expect((await ingestion.call('GET', '/v1/sources/partly')).body).toMatchObject({ failures: 0, lastError: null });
  });

  it('takes many objects in a row that cannot be read for a fault of its own, and counts no try', async () => {
    const keys = Array.from({ length: 20 }, (_, i) => `many/${100 + i}.csv`);
    for (const key of keys) {
      bucket.put(key, csv(`N${key}`));
      bucket.setBroken(key, true);
    }
    await create('many', { kind: 's3', bucket: 'claims', prefix: 'many/' });
    // what the schedule does is done
    await eventually(async () => (await ingestion.call('GET', '/v1/sources/many')).body.failures > 0);
    const run = () => ingestion.call('POST', '/v1/sources/many/run');
    expect((await run()).body.code).toBe('ingestion.source_unavailable');
    expect((await ingestion.call('GET', '/v1/sources/many/troubles')).body.items).toEqual([]);
    // one that can be read says that it is not the place
    bucket.setBroken(keys[19]!, false);
    expect((await run()).body.trouble).toContain('19 files could not be read');
    expect((await ingestion.call('GET', '/v1/sources/many/troubles')).body.items[0]).toMatchObject({ attempts: 1, isGivenUp: false });
  });

  it('counts no try of a new object while none of the others can be read, and does once one can', async () => {
    bucket.put('outage/a.csv', csv('O1'));
    await create('outage', { kind: 's3', bucket: 'claims', prefix: 'outage/' });
    await eventually(async () => (await rowsOf('outage')) === 1);
    const run = () => ingestion.call('POST', '/v1/sources/outage/run');
    const troubles = async () => (await ingestion.call('GET', '/v1/sources/outage/troubles')).body.items;
    bucket.put('outage/b.csv', csv('O2'));
    bucket.setCut(true);
    for (let i = 0; i < 6; i++) expect((await run()).body.code).toBe('ingestion.source_unavailable');
    expect(await troubles()).toEqual([]);
    const { body: source } = await ingestion.call('GET', '/v1/sources/outage');
    expect(source.failures).toBeGreaterThan(5);
    expect(source.lastError).toContain('outage/b.csv');
    bucket.setCut(false);
    bucket.setBroken('outage/b.csv', true);
    expect((await run()).body.trouble).toContain('outage/b.csv');
    expect(await troubles()).toMatchObject([{ path: 'outage/b.csv', attempts: 1 }]);
    bucket.setBroken('outage/b.csv', false);
    expect((await run()).body.batchIds).toHaveLength(1);
    await eventually(async () => (await rowsOf('outage')) === 2);
  });

  it('gets past many objects that cannot be read, as long as another one can', async () => {
    bucket.put('past/000.csv', csv('A1'));
    await create('past', { kind: 's3', bucket: 'claims', prefix: 'past/' });
    await eventually(async () => (await rowsOf('past')) === 1);
    for (let i = 100; i < 125; i++) {
      bucket.put(`past/${i}.csv`, csv(`A${i}`));
      bucket.setBroken(`past/${i}.csv`, true);
    }
    bucket.put('past/999.csv', csv('A2'));
    const { body } = await ingestion.call('POST', '/v1/sources/past/run');
    expect(body).toMatchObject({ batchIds: [expect.any(String)], trouble: expect.stringContaining('25 files could not be read') });
    await eventually(async () => (await rowsOf('past')) === 2);
  });

  it('that does not answer says so without its keys, and goes on later', async () => {
    bucket.setDown(true);
    await create('closed', { kind: 's3', bucket: 'claims', prefix: 'in/' });
    const answer = await ingestion.call('POST', '/v1/sources/closed/run');
    expect([answer.status, answer.body.code]).toEqual([503, 'ingestion.source_unavailable']);
    expect(JSON.stringify(answer.body)).not.toContain('hidden-key');
    bucket.setDown(false);
    expect((await ingestion.call('POST', '/v1/sources/closed/run')).status).toBe(200);
  });

  it('has to be among the settings', async () => {
    expect((await create('nowhere', { kind: 's3', bucket: 'unknown' })).body.code).toBe('ingestion.source_unknown_place');
  });
});
