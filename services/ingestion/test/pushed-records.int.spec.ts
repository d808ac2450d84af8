import { encodeWork, listDeadLetters } from '@bascule/messaging';
import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pushedRecords } from '../src/pushes/pushed-records.js';
import { claimsContract, startIngestion } from './start-ingestion.js';

const record = (claim: string) => ({ claim, day: '1990-01-08', size: 'Small', speed: 5, damaged: 0 });

describe('records by NATS', () => {
  let ingestion: Awaited<ReturnType<typeof startIngestion>>;
  beforeAll(async () => {
    ingestion = await startIngestion();
    await ingestion.call('POST', '/v1/contracts', { body: claimsContract });
  });
  afterAll(() => ingestion.stop());

  const push = (id: string, datasetName: string, claims: string[]) =>
    ingestion.publisher.publishEncoded(
      encodeWork({ definition: pushedRecords, id, data: { datasetName, contractName: 'claims', records: claims.map(record) } }),
    );
  const rowCount = async (dataset: string) => {
    const { body } = await ingestion.call('GET', `/v1/datasets/${dataset}`);
    if (!body.currentVersion) return 0;
    return (await ingestion.call('GET', `/v1/datasets/${dataset}/versions/${body.currentVersion}`)).body.rowCount;
  };

  it('become a batch when enough of them wait, one by one or in blocks', async () => {
    await push('p1', 'pushed', ['a']);
    await push('p2', 'pushed', ['b', 'c', 'd']);
    await eventually(async () => (await rowCount('pushed')) === 4);
    const { items } = (await ingestion.call('GET', '/v1/batches?dataset=pushed')).body;
    expect(items[0]).toMatchObject({ sentBy: 'nats', contentType: 'application/x-ndjson', status: 'validated' });
  });

  it('are taken once, however often their message comes', async () => {
    await push('q1', 'once', ['a', 'b', 'c']);
    // beyond the window in which the server drops repeats, as a replay of a dead letter would
    const { subject, headers, payload } = encodeWork({
      definition: pushedRecords,
      id: 'q1',
      data: { datasetName: 'once', records: ['a', 'b', 'c'].map(record) },
    });
    await ingestion.publisher.publishEncoded({ subject, payload, headers: { ...headers, 'Nats-Msg-Id': 'another' } });
    await push('q2', 'once', ['d', 'e', 'f']);
    await eventually(async () => (await rowCount('once')) === 6);
    const { items } = (await ingestion.call('GET', '/v1/batches?dataset=once')).body;
    const counts = items.map(({ report }: { report: { recordCount: number; duplicateCount: number } }) => report);
    expect(counts.reduce((sum: number, { recordCount }: { recordCount: number }) => sum + recordCount, 0)).toBe(6);
  });

  it('that are none become a dead letter with the reason', async () => {
    const { subject, headers } = encodeWork({
      definition: pushedRecords,
      id: 'bad',
      data: { datasetName: 'pushed', records: [record('x')] },
    });
    await ingestion.publisher.publishEncoded({ subject, headers, payload: Buffer.from('{"datasetName":"pushed","records":[1]}') });
    const letter = await eventually(async () => {
      const { items } = await listDeadLetters(ingestion.connection, { limit: 10 });
      return items[0] ?? false;
    });
    expect(JSON.stringify(letter)).toContain('records.0');
  });
});
