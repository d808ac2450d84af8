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
    expect(batch.report).toMatchObject({ recordCount: 6, acceptedCount: 2, quarantinedCount: 3, duplicateCount: 1 });
    expect(batch.report.balance).toEqual({ read: 6, accepted: 2, quarantined: 3, dropped: 1 });
    expect(batch.report.reasons).toEqual({ wrong_type: 1, out_of_range: 1, not_allowed_value: 1, unparsable_row: 1, duplicate_key: 1 });
    const quarantine = await ingestion.call('GET', `/v1/batches/${batch.batchId}/quarantine?limit=2`);
    expect(quarantine.body.items[0]).toMatchObject({
      row: 3,
      line: 4,
      raw: 'A3,1990-02-30,Small,1,None',
      record: { Claim: 'A3', Day: '1990-02-30', Size: 'Small', Speed: '1', Damage: 'None' },
      reasons: [{ code: 'wrong_type', field: 'day', message: 'day is "1990-02-30", which is no date or time' }],
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
    expect(validated.data).toMatchObject({ acceptedCount: 2, quarantinedCount: 3, duplicateCount: 1, droppedCount: 1 });
  });

  it('is the same batch when the same content is sent again', async () => {
    const [first, again] = await Promise.all(
      [0, 1].map(() => ingestion.call('POST', '/v1/datasets/claims/batches?contract=claims', { body: csv })),
    );
    expect([again!.status, again!.body.isRepeat]).toEqual([202, true]);
    expect(again!.body.batchId).toBe(first!.body.batchId);
    expect((await ingestion.call('GET', '/v1/batches?dataset=claims')).body.items).toHaveLength(1);
  });

  it('adds nothing when its records come again, in other bytes or on request', async () => {
    const again = await ingestion.send('claims', 'claims', `${csv}\r\n`);
    const repeated = await ingestion.call('POST', '/v1/datasets/claims/batches?contract=claims&repeat=true', { body: csv });
    expect(repeated.body.isRepeat).toBe(false);
    expect((await ingestion.decided(repeated.body.batchId)).report).toMatchObject({ acceptedCount: 0, duplicateCount: 3 });
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

  it('keeps text that PostgreSQL finds hard in quarantine, and takes the records around it', async () => {
    const hard = [
      { claim: 'Z\u0000\ud800', size: '💥' },
      { claim: 'HARD', day: '1990-01-01', size: 'x\u0000', damaged: 0 },
    ];
    const good = { claim: 'OK', day: '1990-01-01', size: 'x', damaged: 0 };
    const deep = `{"claim":"DEEP","size":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
    const lines = [...hard, good].map((row) => JSON.stringify(row));
    const batch = await ingestion.send(
      'claims',
      'claims',
      [...lines, deep, ...['OK2', 'OK3'].map((id) => lines[2]!.replace('OK', id))].join('\n'),
      'application/x-ndjson',
    );
    expect(batch.report).toMatchObject({ acceptedCount: 3, reasons: { unstorable_text: 2, unparsable_row: 1 } });
    const { body } = await ingestion.call('GET', `/v1/batches/${batch.batchId}/quarantine`);
    expect(body.items.slice(0, 2).map(({ record }: { record: unknown }) => record)).toEqual(hard);
    expect(body.items[1].reasons[0].message).toBe('"size" holds the character U+0000, which cannot be stored');
    const csv = await ingestion.send('claims', 'claims', `${header}\nN\0,1990-01-08,Small,1,None\nN9,1990-01-08,Small,1,None\n`);
    expect(csv.report).toMatchObject({ acceptedCount: 1, reasons: { unstorable_text: 1 } });
  });

  it('may have more rows than fit into one chunk or one row group', async () => {
    const rows = Array.from({ length: 120_000 }, (_, i) => `${i % 110_000},1990-01-08,Small,${i % 7 === 0 ? 601 : 5},None`);
    const sent = await ingestion.call('POST', '/v1/datasets/large/batches?contract=claims', { body: [header, ...rows].join('\n') });
    const batch = await ingestion.decided(sent.body.batchId);
    const faulty = rows.filter((row) => row.includes(',601,')).length;
    const firsts = new Set(rows.filter((row) => row.includes(',5,')).map((row) => row.split(',')[0]));
    expect(batch.report).toMatchObject({
      recordCount: 120_000,
      acceptedCount: firsts.size,
      duplicateCount: 120_000 - faulty - firsts.size,
      reasons: { out_of_range: faulty, duplicate_key: 120_000 - faulty - firsts.size },
    });
    const { body: version } = await ingestion.call('GET', `/v1/datasets/large/versions/${batch.datasetVersion}`);
    expect(version.manifest.parts).toMatchObject([{ rowCount: firsts.size, labelledCount: firsts.size }]);
    const bytes = await ingestion.replicas[0]!.app.get(ObjectStore).get(version.manifest.parts[0].digest);
    const read = await parquetReadObjects({ file: new Uint8Array(bytes).buffer, columns: ['claim'] });
    expect(new Set(read.map(({ claim }) => claim))).toEqual(firsts);
  });
});
