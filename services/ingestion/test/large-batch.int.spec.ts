import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimsContract, header, startIngestion } from './start-ingestion.js';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
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
    const flags = ['--max-semi-space-size=4', '--max-old-space-size=384'];
    const [own] = ingestion.replicas.splice(0);
    await own!.close();
    const env = { ...process.env, ...ingestion.env, PORT: '0', ADMIN_PORT: '0', LOG_LEVEL: 'info' };
    const child = spawn(process.execPath, [...flags, main], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let log = '';
    child.stdout.on('data', (text: Buffer) => {
      log += text.toString();
    });
    try {
      const url = await eventually(
        async () => /"url":"([^"]+)"[^\n]*"listening"|"listening"[^\n]*"url":"([^"]+)"/.exec(log)?.slice(1).find(Boolean) ?? false,
        {
          timeoutMs: 30_000,
        },
      );
      const replica = { url: String(url) };
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
      expect(child.exitCode).toBeNull();
    } finally {
      child.kill();
      await once(child, 'exit');
    }
  }, 240_000);
});
