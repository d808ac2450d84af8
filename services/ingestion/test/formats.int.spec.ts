import { buffer } from 'node:stream/consumers';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { TableWriter } from '@bascule/tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimsContract, header, startIngestion } from './start-ingestion.js';

const claims = (name: string) => [1, 2].map((i) => ({ claim: `${name}-${i}`, day: '1990-01-08', size: 'Größe', speed: i, damaged: 0 }));
const csvOf = (name: string, delimiter = ',') =>
  [
    header.replaceAll(',', delimiter),
    ...claims(name).map(({ claim, day, size, speed }) => [claim, day, size, speed, 'None'].join(delimiter)),
  ].join('\n');

async function parquetOf(name: string): Promise<Buffer> {
  const columns = [
    { name: 'claim', type: 'string' },
    { name: 'day', type: 'timestamp' },
    { name: 'size', type: 'string' },
    { name: 'speed', type: 'number' },
    { name: 'damaged', type: 'integer' },
  ] as const;
  const writer = new TableWriter({ format: 'parquet', columns });
  const content = buffer(writer.content);
  for (const { claim, day, size, speed, damaged } of claims(name)) await writer.add([claim, Date.parse(day), size, speed, damaged]);
  await writer.finish();
  return content;
}

describe('a batch', () => {
  let ingestion: Awaited<ReturnType<typeof startIngestion>>;
  beforeAll(async () => {
    ingestion = await startIngestion();
    await ingestion.call('POST', '/v1/contracts', { body: claimsContract });
  });
  afterAll(() => ingestion.stop());

  it.each<[string, string, () => Promise<Buffer> | Buffer, string, object]>([
    ['TSV', 'text/tab-separated-values', () => Buffer.from(csvOf('tsv', '\t')), '', { format: 'csv', delimiter: '\t' }],
    [
      'CSV with semicolons in UTF-16',
      'text/csv',
      () => Buffer.from(`\uFEFF${csvOf('u16', ';')}`, 'utf16le'),
      '',
      { delimiter: ';', encoding: 'utf-16le' },
    ],
    ['CSV in Windows-1252', 'text/csv', () => Buffer.from(csvOf('w'), 'latin1'), '', { encoding: 'windows-1252' }],
    [
      'CSV in a charset that is told',
      'text/csv; charset=ISO-8859-1',
      () => Buffer.from(csvOf('l1'), 'latin1'),
      '',
      { encoding: 'iso-8859-1' },
    ],
    [
      'CSV without a header',
      'text/csv',
      () => Buffer.from(csvOf('h').split('\n').slice(1).join('\n')),
      '&header=false',
      { hasHeader: false },
    ],
    ['gzip of CSV', 'application/gzip', () => gzipSync(csvOf('gz')), '', { format: 'csv', compression: 'gzip' }],
    [
      'zstd of NDJSON',
      'application/zstd',
      () =>
        zstdCompressSync(
          claims('z')
            .map((row) => JSON.stringify(row))
            .join('\n'),
        ),
      '',
      { format: 'ndjson', compression: 'zstd' },
    ],
    ['a JSON array', 'application/json', () => Buffer.from(JSON.stringify(claims('json'))), '', { format: 'json' }],
    ['Parquet', 'application/vnd.apache.parquet', () => parquetOf('p'), '', { format: 'parquet' }],
    ['whatever it is found to be', 'application/octet-stream', () => parquetOf('o'), '', { format: 'parquet' }],
    [
      'CSV with a delimiter that is told',
      'application/octet-stream',
      () => Buffer.from(csvOf('d', '|')),
      '&format=csv&delimiter=pipe',
      { delimiter: '|' },
    ],
  ])('may be %s', async (_what, type, content, query, facts) => {
    const batch = await ingestion.send('formats', 'claims', await content(), type, query);
    expect(batch).toMatchObject({ status: 'validated', report: { recordCount: 2, acceptedCount: 2, content: facts } });
  });

  it('that breaks off is rejected with the reason, and nothing of it is taken', async () => {
    const rows = Array.from({ length: 30_000 }, (_, i) => `B-${i},1990-01-08,Small,${(i * 7919) % 600},None`);
    const batch = await ingestion.send('broken', 'claims', gzipSync([header, ...rows].join('\n')).subarray(0, -5000), 'application/gzip');
    expect(batch).toMatchObject({ status: 'rejected', datasetVersion: null });
    expect(batch.report.rejection[0]).toContain('the content cannot be read to its end');
  });

  it('that is a bomb is rejected with the reason', async () => {
    const bomb = zstdCompressSync(Buffer.alloc(200_000_000, `${'x'.repeat(5000)}\n`));
    expect(bomb.length).toBeLessThan(100_000);
    const batch = await ingestion.send('bomb', 'claims', Buffer.concat([zstdCompressSync(`${header}\n`), bomb]), 'application/zstd');
    expect(batch.report.rejection.join()).toContain('one byte becomes more than 300');
  });

  it('is refused at the door where the query says what nobody knows, or where it is packed in a way nobody unpacks', async () => {
    const path = '/v1/datasets/formats/batches?contract=claims';
    const misspelt = await ingestion.call('POST', `${path}&headr=false`, { body: csvOf('q', ',') });
    expect([misspelt.status, misspelt.body.code]).toEqual([400, 'platform.invalid_request']);
    expect(JSON.stringify(misspelt.body.errors)).toContain('headr');
    const packed = await ingestion.call('POST', path, { body: csvOf('q', ','), headers: { 'content-encoding': 'br' } });
    expect([packed.status, packed.body.code, packed.body.detail]).toEqual([
      400,
      'ingestion.unsupported_content',
      'content is packed as gzip or zstd, not as br',
    ]);
    const source = { name: 's', datasetName: 's', contractName: 'claims', settings: { kind: 'folder', folder: 'x', patern: '*.csv' } };
    expect(JSON.stringify((await ingestion.call('POST', '/v1/sources', { body: source })).body.errors)).toContain('patern');
  });

  it('is the sample for a draft of its contract', async () => {
    const rows = Array.from({ length: 40_000 }, (_, i) => `D-${i},1990-01-08,Small,${i % 600},None`);
    const body = [header, ...rows].join('\n');
    const drafted = await ingestion.call('POST', '/v1/contracts/drafts?name=drafted', { body });
    expect([drafted.status, drafted.body.recordCount, drafted.body.content.format]).toEqual([200, 20_000, 'csv']);
    const { properties } = drafted.body.contract.schema[0];
    expect(properties.map(({ logicalType }: { logicalType: string }) => logicalType)).toEqual([
      'string',
      'date',
      'string',
      'integer',
      'string',
    ]);
    expect((await ingestion.call('POST', '/v1/contracts', { body: drafted.body.contract })).status).toBe(201);
    const few = [header, ...rows.slice(0, 100)].join('\n');
    expect((await ingestion.send('drafted', 'drafted', few)).report).toMatchObject({ acceptedCount: 100, quarantinedCount: 0 });
    const refused = await ingestion.call('POST', '/v1/contracts/drafts?name=x', { body: 'PK\x03\x04' });
    expect([refused.status, refused.body.code]).toEqual([422, 'tables.unreadable']);
  });
});
