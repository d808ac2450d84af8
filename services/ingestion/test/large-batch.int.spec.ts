import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spawnIngestion } from './child-process.js';
import { claimsContract, header, startIngestion } from './start-ingestion.js';

const rowCount = 600_000;

describe('a batch that is larger than the heap would bear as one', () => {
  let ingestion: Awaited<ReturnType<typeof startIngestion>>;
  beforeAll(async () => {
    ingestion = await startIngestion();
    await ingestion.call('POST', '/v1/contracts', { body: claimsContract });
  });
  afterAll(() => ingestion.stop());

  it('is validated by a process with the heap of a deployed one', async () => {
    const rows = Array.from({ length: rowCount }, (_, i) => `CLAIM-${String(i).padStart(9, '0')},1990-01-08,Small,${i % 600},None`);
    const sent = [header, ...rows].join('\n');
    expect(sent.length).toBeGreaterThan(20_000_000);
    const [own] = ingestion.replicas.splice(0);
    await own!.close();
    const replica = await spawnIngestion(ingestion.env);
    try {
      await eventually(async () => (await ingestion.call('GET', '/v1/datasets', { replica })).status === 200, { timeoutMs: 30_000 });
      const { body } = await ingestion.call('POST', '/v1/datasets/huge/batches?contract=claims', { body: sent, replica });
      const batch = await eventually(
        async () => {
          const answer = await ingestion.call('GET', `/v1/batches/${body.batchId}`, { replica });
          return answer.body.status !== 'received' && answer.body;
        },
        { timeoutMs: 200_000 },
      );
      expect(batch).toMatchObject({ status: 'validated', report: { recordCount: rowCount, acceptedCount: rowCount } });
      expect(replica.isRunning()).toBe(true);
    } finally {
      await replica.kill();
    }
  });
});
