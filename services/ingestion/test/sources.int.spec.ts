import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { eventually, temporaryFolder, testPostgres } from '@bascule/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimsContract, header, startIngestion } from './start-ingestion.js';

describe('sources', () => {
  let ingestion: Awaited<ReturnType<typeof startIngestion>>;
  let postgres: Awaited<ReturnType<typeof testPostgres>>;
  let database: pg.Client;
  const inbox = join(temporaryFolder('source'), 'inbox');
  beforeAll(async () => {
    mkdirSync(inbox);
    postgres = await testPostgres();
    database = new pg.Client({ connectionString: postgres.url });
    await database.connect();
    await database.query(
      `create table "Claims ""old""" (id bigint primary key, claim text, day date, size text, speed numeric, damaged int, changed timestamptz)`,
    );
    ingestion = await startIngestion({
      SOURCE_CONNECTIONS: JSON.stringify({ claims: postgres.url, gone: 'postgres://nobody:secret@127.0.0.1:1/none' }),
      SOURCE_FOLDERS: JSON.stringify({ inbox, gone: join(inbox, 'nowhere') }),
      SOURCES_INTERVAL_MS: '50',
    });
    await ingestion.startReplica();
    await ingestion.call('POST', '/v1/contracts', { body: claimsContract });
  });
  afterAll(async () => {
    await ingestion.stop();
    await database.end();
    await postgres.stop();
  });

  const insert = (ids: number[], changed: string) =>
    database.query(
      `insert into "Claims ""old""" select id, 'C' || id, date '1990-01-08' + (id % 9)::int, 'Small', 1.5, 0, $2 from unnest($1::bigint[]) as id
       on conflict (id) do update set changed = excluded.changed, speed = 7`,
      [ids, changed],
    );
  const create = (name: string, settings: object, everySeconds = 86_400) =>
    ingestion.call('POST', '/v1/sources', { body: { name, datasetName: name, contractName: 'claims', everySeconds, settings } });
  const run = (name: string) => ingestion.call('POST', `/v1/sources/${name}/run`);
  const table = {
    kind: 'postgres',
    connection: 'claims',
    tableName: 'Claims "old"',
    watermarkColumn: 'changed',
    keyColumn: 'id',
    rowsPerBatch: 3,
  };
  const seen = async (dataset: string) => {
    const { items } = (await ingestion.call('GET', `/v1/batches?dataset=${dataset}&limit=100`)).body;
    const counts = items.map(
      ({ status, report }: { status: string; report: { recordCount: number } }) => status !== 'received' && report.recordCount,
    );
    return counts.includes(false) ? -1 : counts.reduce((sum: number, count: number) => sum + count, 0);
  };

  it('pull a table by its watermark, rows of the same time neither twice nor never, also when many pull at once', async () => {
    await insert([1, 2, 3, 4, 5, 6, 7], '2001-01-01T00:00:00.123456Z');
    expect((await create('table', table)).status).toBe(201);
    await Promise.all(
      Array.from({ length: 6 }, (_, i) => ingestion.call('POST', '/v1/sources/table/run', { replica: ingestion.replicas[i % 2]! })),
    );
    await eventually(async () => (await seen('table')) === 7);
    await insert([8], '2001-01-01T00:00:00.123456Z');
    await insert([2], '2001-01-02T00:00:00Z');
    expect((await run('table')).body.batchIds).toHaveLength(1);
    await eventually(async () => (await seen('table')) === 9);
    expect((await run('table')).body.batchIds).toEqual([]);
    const { body: source } = await ingestion.call('GET', '/v1/sources/table');
    expect(source).toMatchObject({ failures: 0, lastError: null, watermark: { watermark: '2001-01-02 00:00:00+00', key: '2' } });
    const { body: dataset } = await ingestion.call('GET', '/v1/datasets/table');
    const { body: version } = await ingestion.call('GET', `/v1/datasets/table/versions/${dataset.currentVersion}`);
    // claim 2 came again under the same key: a duplicate, which its contract keeps out
    expect(version.rowCount).toBe(8);
  });

  it('take each file of a folder once, new ones and changed ones', async () => {
    // files have finer times than milliseconds
    const past = new Date(Date.now() - 60_000);
    const put = (name: string, content: string | Buffer, at = past) => {
      writeFileSync(join(inbox, name), content);
      const seconds = (at.getTime() + 0.7) / 1000;
      utimesSync(join(inbox, name), seconds, seconds);
    };
    const csv = (name: string) => `${header}\n${name},1990-01-08,Small,1,None\n`;
    put('a.csv', csv('F1'));
    put('b.csv.gz', gzipSync(csv('F2')));
    put('c.tmp', csv('F3'));
    put('d.csv', csv('F4'), new Date(Date.now() + 3_600_000));
    await create('folder', { kind: 'folder', folder: 'inbox', pattern: '*.csv*' });
    await eventually(async () => (await seen('folder')) === 2);
    put('a.csv', csv('F1'), new Date(Date.now() - 50_000));
    expect((await run('folder')).body.batchIds).toEqual([]);
    put('a.csv', csv('F5'), new Date(Date.now() - 40_000));
    expect((await run('folder')).body.batchIds).toHaveLength(1);
    await eventually(async () => (await seen('folder')) === 3);
  });

  it('run on their schedule, rest when they are paused, and go on', async () => {
    await database.query('create table ticks (id bigint primary key, claim text, day date, size text, damaged int)');
    const tick = (id: number) =>
      database.query(`insert into ticks values ($1::bigint, 'T' || $1::bigint::text, '1990-01-08', 'Small', 0)`, [id]);
    await tick(1);
    await create('ticks', { ...table, tableName: 'ticks', watermarkColumn: 'id' }, 1);
    await eventually(async () => (await seen('ticks')) === 1);
    await tick(2);
    await eventually(async () => (await seen('ticks')) === 2);
    expect((await ingestion.call('POST', '/v1/sources/ticks/pause')).body.isPaused).toBe(true);
    await create('tocks', { ...table, tableName: 'ticks', watermarkColumn: 'id' }, 1);
    await tick(3);
    // another source of the same table shows that there was time enough
    await eventually(async () => (await seen('tocks')) === 3);
    expect(await seen('ticks')).toBe(2);
    const { body } = await ingestion.call('POST', '/v1/sources/ticks/resume');
    expect(body.isPaused).toBe(false);
    await eventually(async () => (await seen('ticks')) === 3);
  });

  it('that cannot be read say so without their secrets, and are tried again later', async () => {
    await create('broken', { ...table, connection: 'gone' });
    const answer = await run('broken');
    expect([answer.status, answer.body.code]).toEqual([503, 'ingestion.source_unavailable']);
    const source = await eventually(async () => {
      const { body } = await ingestion.call('GET', '/v1/sources/broken');
      return body.failures > 0 && body;
    });
    expect(source.lastError).toContain('ECONNREFUSED');
    expect(JSON.stringify(source)).not.toContain('secret');
    await create('columnless', { ...table, watermarkColumn: 'nothing' });
    expect((await run('columnless')).body.detail).toContain('there is no column nothing');
    await create('folderless', { kind: 'folder', folder: 'gone' });
    expect((await run('folderless')).body.detail).toContain('ENOENT');
  });

  it('want a place that is known, a contract that exists and a name of their own', async () => {
    expect((await create('nowhere', { ...table, connection: 'elsewhere' })).body.code).toBe('ingestion.source_unknown_place');
    expect((await create('table', table)).body.code).toBe('ingestion.source_exists');
    const body = { name: 'x', datasetName: 'x', contractName: 'nobody', settings: table };
    expect((await ingestion.call('POST', '/v1/sources', { body })).body.code).toBe('ingestion.contract_not_found');
    expect((await ingestion.call('POST', '/v1/sources', { body, key: await ingestion.keyFor('client') })).status).toBe(403);
    const other = await ingestion.keyFor('scientist', ['other']);
    expect((await ingestion.call('GET', '/v1/sources', { key: other })).body.items).toEqual([]);
  });
});
