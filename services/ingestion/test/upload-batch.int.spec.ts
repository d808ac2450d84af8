import { ObjectStore } from '@bascule/storage';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimsContract, header, startIngestion } from './start-ingestion.js';

describe('an uploaded batch', () => {
  let ingestion: Awaited<ReturnType<typeof startIngestion>>;
  beforeAll(async () => {
    ingestion = await startIngestion();
    expect((await ingestion.call('POST', '/v1/contracts', { body: claimsContract })).status).toBe(201);
  });
  afterAll(() => ingestion.stop());

  const csv = [
    `\uFEFF${header}`,
    'A1,1990-01-08,Small,140,None',
    'A2,1990-01-09,"Large, or so",,Minor',
    'A3,1990-02-30,Small,1,None',
    'A4,1990-01-10,Small,740,C',
    'A5,1990-01-10',
    'A1,1990-01-11,Small,1,None',
  ].join('\r\n');

  it('becomes a dataset version; bad rows wait in quarantine with their reasons', async () => {
    const batch = await ingestion.send('claims', 'claims', csv);
    expect(batch).toMatchObject({ status: 'validated', origin: 'upload', sentBy: 'scientist-1', contractVersion: 1 });
    expect(batch.report).toMatchObject({ recordCount: 6, acceptedCount: 2, quarantinedCount: 4, duplicateCount: 1 });
    expect(batch.report.reasons).toEqual({ wrong_type: 1, out_of_range: 1, not_allowed_value: 1, unparsable_row: 1, duplicate_key: 1 });
    const quarantine = await ingestion.call('GET', `/v1/batches/${batch.batchId}/quarantine?limit=2`);
    expect(quarantine.body.items[0]).toEqual({
      row: 3,
      record: { Claim: 'A3', Day: '1990-02-30', Size: 'Small', Speed: '1', Damage: 'None' },
      reasons: [{ code: 'wrong_type', field: 'day', message: 'day is "1990-02-30", which is no timestamp' }],
    });
    const rest = await ingestion.call('GET', `/v1/batches/${batch.batchId}/quarantine?limit=2&cursor=${quarantine.body.nextCursor}`);
    expect(rest.body.items.map(({ row }: { row: number }) => row)).toEqual([5, 6]);
    expect(rest.body.nextCursor).toBeNull();
  });

  it('can be read back from the object store as typed Parquet', async () => {
    const { body: dataset } = await ingestion.call('GET', '/v1/datasets/claims');
    const { body: version } = await ingestion.call('GET', `/v1/datasets/claims/versions/${dataset.currentVersion}`);
    expect(version).toMatchObject({
      sequence: 1,
      rowCount: 2,
      labelledCount: 2,
      occurredFrom: '1990-01-08T00:00:00.000Z',
      occurredTo: '1990-01-09T00:00:00.000Z',
    });
    expect(version.manifest.columns[1]).toEqual({ name: 'day', type: 'timestamp', role: 'time', nullable: false });
    const bytes = await ingestion.replicas[0]!.app.get(ObjectStore).get(version.manifest.parts[0].digest);
    expect(await parquetReadObjects({ file: new Uint8Array(bytes).buffer })).toEqual([
      { claim: 'A1', day: new Date('1990-01-08'), size: 'Small', speed: 140, damaged: 0n },
      { claim: 'A2', day: new Date('1990-01-09'), size: 'Large, or so', speed: null, damaged: 1n },
    ]);
  });

  it('tells the world: received, validated, published, one cause after another', async () => {
    const published = await ingestion.firstEvent('ingestion.dataset.published.v1');
    const received = await ingestion.firstEvent('ingestion.batch.received.v1');
    const validated = await ingestion.firstEvent('ingestion.batch.validated.v1');
    expect(published).toMatchObject({ subject: 'claims', causationid: received.id, correlationid: received.correlationid });
    expect(published.data).toMatchObject({ rowCount: 2, newLabelledCount: 2, parentVersion: null, batchIds: [received.data.batchId] });
    expect(validated.data).toMatchObject({ acceptedCount: 2, quarantinedCount: 4, duplicateCount: 1 });
  });

  it('adds nothing when it is sent again under another name for the request', async () => {
    const again = await ingestion.send('claims', 'claims', csv);
    expect(again.report).toMatchObject({ acceptedCount: 0, duplicateCount: 3 });
    expect(again.datasetVersion).toBeNull();
    expect((await ingestion.call('GET', '/v1/datasets/claims/versions')).body.items).toHaveLength(1);
  });

  it('is one batch when the request is repeated with its Idempotency-Key', async () => {
    const request = { body: `${header}\nB1,1991-01-01,Small,1,None\n`, headers: { 'idempotency-key': 'one' } };
    const first = await ingestion.call('POST', '/v1/datasets/claims/batches?contract=claims', request);
    const second = await ingestion.call('POST', '/v1/datasets/claims/batches?contract=claims', request);
    expect([first.status, second.status]).toEqual([202, 202]);
    expect(second.body).toEqual(first.body);
    const other = await ingestion.call('POST', '/v1/datasets/claims/batches?contract=claims', { ...request, body: `${header}\n` });
    expect(other.status).toBe(409);
    await ingestion.decided(first.body.batchId);
  });

  it('may come as NDJSON and adds a part to the version before', async () => {
    const rows = [{ claim: 'N1', day: '1992-01-01T10:00:00Z', size: 'Small', speed: 5, damaged: 1 }, { Claim: 'N2' }];
    const batch = await ingestion.send(
      'claims',
      'claims',
      rows.map((row) => JSON.stringify(row)).join('\n'),
      'application/x-ndjson; charset=utf-8',
    );
    expect(batch.report).toMatchObject({ acceptedCount: 1, quarantinedCount: 1, reasons: { missing_required: 1 } });
    const { body } = await ingestion.call('GET', `/v1/datasets/claims/versions/${batch.datasetVersion}`);
    expect(body).toMatchObject({ sequence: 3, rowCount: 4, occurredTo: '1992-01-01T10:00:00.000Z' });
    expect(body.manifest.parts).toHaveLength(3);
  });

  it('keeps text that PostgreSQL finds hard', async () => {
    const batch = await ingestion.send(
      'claims',
      'claims',
      `${JSON.stringify({ claim: 'Z\u0000\ud800', size: '💥' })}\n${JSON.stringify({ claim: 'OK', day: '1990-01-01', size: 'x', damaged: 0 })}`,
      'application/x-ndjson',
    );
    expect(batch.status).toBe('validated');
    const { body } = await ingestion.call('GET', `/v1/batches/${batch.batchId}/quarantine`);
    expect(body.items[0].record).toEqual({ claim: 'Z\u0000\ud800', size: '💥' });
  });
});
