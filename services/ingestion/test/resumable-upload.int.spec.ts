import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { CONFIG } from '@bascule/platform';
import { UploadFiles } from '@bascule/uploads';
import { Upload } from 'tus-js-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../src/config.js';
import { claimsContract, header, startIngestion } from './start-ingestion.js';

const rows = (name: string, count: number) =>
  [header, ...Array.from({ length: count }, (_, i) => `${name}-${i},1990-01-08,Small,${i % 600},None`)].join('\n');
const encoded = (values: Record<string, string>) =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`)
    .join(',');

describe('a resumable upload', () => {
  let ingestion: Awaited<ReturnType<typeof startIngestion>>;
  let key: string;
  beforeAll(async () => {
    ingestion = await startIngestion();
    await ingestion.call('POST', '/v1/contracts', { body: claimsContract });
    key = await ingestion.keyFor('client');
  });
  afterAll(() => ingestion.stop());

  const metadata = { dataset: 'pieces', contract: 'claims', filetype: 'text/csv', filename: 'größe.csv' };
  const begin = (length: number | string, values: Record<string, string> = metadata) =>
    ingestion.call('POST', '/v1/uploads', { key, headers: { 'upload-length': String(length), 'upload-metadata': encoded(values) } });
  const send = (path: string, offset: number, body: string | Uint8Array, type = 'application/offset+octet-stream') =>
    ingestion.call('PATCH', path, { key, body, type, headers: { 'upload-offset': String(offset) } });

  it('is made by the client of tus, interrupted and resumed', async () => {
    const content = Buffer.from(rows('tus', 30_000));
    const endpoint = new URL('/v1/uploads', ingestion.replicas[0]!.url).href;
    const headers = { authorization: `Bearer ${key}` };
    const begun = await new Promise<string>((resolve, reject) => {
      const upload = new Upload(content, {
        ...{ endpoint, headers, metadata, chunkSize: 200_000, retryDelays: null, storeFingerprintForResuming: false },
        onError: reject,
        onChunkComplete: () => void upload.abort().then(() => resolve(upload.url!)),
      });
      upload.start();
    });
    const there = await ingestion.call('HEAD', begun, { key });
    const offset = Number(there.headers.get('upload-offset'));
    expect(offset).toBeGreaterThanOrEqual(200_000);
    expect(offset).toBeLessThan(content.length);
    const batchId = await new Promise<string>((resolve, reject) => {
      const upload = new Upload(content, {
        ...{ endpoint, uploadUrl: begun, headers, chunkSize: 500_000, retryDelays: null },
        onError: reject,
        onSuccess: ({ lastResponse }) => resolve(lastResponse.getHeader('bascule-batch-id')!),
      });
      upload.start();
    });
    const batch = await ingestion.decided(batchId);
    expect(batch).toMatchObject({
      status: 'validated',
      sizeBytes: content.length,
      contentDigest: createHash('sha256').update(content).digest('hex'),
      report: { recordCount: 30_000, acceptedCount: 30_000 },
    });
  });

  it('goes on from where it broke off, and from nowhere else', async () => {
    const content = rows('parts', 3);
    const { status, headers } = await begin(content.length);
    const path = headers.get('location')!;
    expect([status, headers.get('tus-resumable')]).toEqual([201, '1.0.0']);
    expect((await send(path, 0, content.slice(0, 40))).status).toBe(204);
    expect((await send(path, 0, content)).body).toMatchObject({ status: 409, code: 'ingestion.upload_offset_conflict' });
    expect((await send(path, 40, `${content.slice(40)}too much`)).body).toMatchObject({ status: 413 });
    const offset = Number((await ingestion.call('HEAD', path, { key })).headers.get('upload-offset'));
    const last = offset < content.length ? await send(path, offset, content.slice(offset)) : await ingestion.call('HEAD', path, { key });
    const { body } = await ingestion.call('GET', path, { key });
    expect(body).toMatchObject({ offsetBytes: content.length, batchId: last.headers.get('bascule-batch-id') });
    expect((await ingestion.decided(body.batchId)).report.acceptedCount).toBe(3);
  });

  it('is completed by the next question when its process ended before', async () => {
    const content = rows('ended', 2);
    const path = (await begin(content.length)).headers.get('location')!;
    const files = new UploadFiles(join(ingestion.replicas[0]!.app.get<Config>(CONFIG).OBJECT_ROOT, 'uploads'));
    await files.write(
      path.split('/').at(-1)!,
      0,
      (async function* () {
        yield Buffer.from(content);
      })(),
    );
    const batchId = (await ingestion.call('HEAD', path, { key })).headers.get('bascule-batch-id');
    expect((await ingestion.decided(batchId!)).report.acceptedCount).toBe(2);
    expect(await files.list()).not.toContain(path.split('/').at(-1));
  });

  it('may take the place of records, as a batch that is sent at once may', async () => {
    const complete = async (values: Record<string, string>, name: string) => {
      const content = rows(name, 2);
      const begun = await begin(content.length, { ...metadata, dataset: 'placed', ...values });
      const sent = await send(begun.headers.get('location')!, 0, content);
      return ingestion.decided(sent.headers.get('bascule-batch-id')!);
    };
    await complete({}, 'before');
    expect(await complete({ mode: 'replace' }, 'after')).toMatchObject({ publishAs: { mode: 'replace' }, status: 'validated' });
    const { body } = await ingestion.call('GET', '/v1/datasets/placed/versions');
    expect(body.items[0]).toMatchObject({ changeKind: 'replace', removedCount: 2, rowCount: 2 });
    expect((await begin(10, { ...metadata, mode: 'window' })).status).toBe(400);
  });

  it('belongs to its sender, and can be given up', async () => {
    const path = (await begin(100)).headers.get('location')!;
    expect((await ingestion.call('GET', path)).status).toBe(404);
    expect((await ingestion.call('DELETE', path, { key })).status).toBe(204);
    expect((await ingestion.call('HEAD', path, { key })).status).toBe(404);
  });

  it.each([
    ['without a length', 'x', metadata, 400],
    ['larger than the limit', 10 ** 12, metadata, 413],
    ['without a dataset', 10, { contract: 'claims' }, 400],
    ['of an unknown type', 10, { ...metadata, filetype: 'image/png' }, 400],
    ['under an unknown contract', 10, { ...metadata, contract: 'nobody' }, 404],
  ])('%s is refused', async (_what, length, values, status) => expect((await begin(length, values)).status).toBe(status));

  it('of another type of body, or with a role that may not send, is refused', async () => {
    const path = (await begin(10)).headers.get('location')!;
    expect((await send(path, 0, 'x', 'text/csv')).status).toBe(400);
    const auditor = await ingestion.keyFor('auditor');
    expect((await ingestion.call('POST', '/v1/uploads', { key: auditor, headers: { 'upload-length': '1' } })).status).toBe(403);
  });
});
