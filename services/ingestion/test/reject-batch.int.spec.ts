import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimsContract, header, limitBytes, startIngestion } from './start-ingestion.js';

describe('ingestion at its doors', () => {
  let ingestion: Awaited<ReturnType<typeof startIngestion>>;
  beforeAll(async () => {
    ingestion = await startIngestion();
    await ingestion.call('POST', '/v1/contracts', { body: claimsContract });
  });
  afterAll(() => ingestion.stop());

  const post = (options: Parameters<typeof ingestion.call>[2], dataset = 'claims', contract = 'claims') =>
    ingestion.call('POST', `/v1/datasets/${dataset}/batches?contract=${contract}`, options);
  const row = `${header}\nA1,1990-01-08,Small,140,None\n`;

  it('rejects a batch whose header does not fit, with the reason', async () => {
    const batch = await ingestion.send('claims', 'claims', 'Claim,Day\nA,1990-01-01\n');
    expect(batch).toMatchObject({ status: 'rejected', datasetVersion: null });
    expect(batch.report.rejection).toEqual(['the header lacks "Size", "Damage"']);
    const event = await ingestion.firstEvent('ingestion.batch.rejected.v1');
    expect(event.data).toMatchObject({ batchId: batch.batchId, reasons: ['the header lacks "Size", "Damage"'] });
  });

  it('rejects a batch with more bad rows than the contract bears, and takes none of the good ones', async () => {
    const batch = await ingestion.send('claims', 'claims', `${row}A2,x,Small,1,None\nA3,x,Small,1,None\n`);
    expect(batch.report.rejection).toEqual(['2 of 3 records (66.7 %) miss the contract; at most 50 % may']);
    expect((await ingestion.call('GET', '/v1/datasets/claims')).body.currentVersion).toBeNull();
    expect((await ingestion.call('GET', `/v1/batches/${batch.batchId}/quarantine`)).body.items).toHaveLength(2);
  });

  it.each<[string, string, number, string]>([
    ['text/plain', 'a,b', 400, 'ingestion.unsupported_content'],
    ['application/vnd.ms-excel', 'a,b', 400, 'ingestion.unsupported_content'],
    ['text/csv', '', 400, 'ingestion.empty_batch'],
  ])('refuses %s %j with a problem', async (type, body, status, code) => {
    const answer = await post({ body, type });
    expect(answer.body).toMatchObject({ status, code, type: `urn:bascule:error:${code}` });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });

  it('refuses more than the limit, whether its length is told or not', async () => {
    const told = await post({ body: new Uint8Array(limitBytes + 1) }).catch(() => ({ status: 413, body: {} }));
    expect(told.status).toBe(413);
    const piece = new Uint8Array(1024 * 1024).fill(65);
    const pieces = new ReadableStream<Uint8Array>({
      pull: (stream) => stream.enqueue(piece),
    });
    const untold = await post({ body: pieces, type: 'text/csv' }).catch(() => ({ status: 413 }));
    expect(untold.status).toBe(413);
  });

  it('wants a key, a role, a dataset the key may touch, and a contract that exists', async () => {
    expect((await post({ body: row, key: null })).status).toBe(401);
    expect((await post({ body: row, key: await ingestion.keyFor('auditor') })).status).toBe(403);
    const key = await ingestion.keyFor('client', ['other-*']);
    const own = await post({ body: row, key }, 'other-1');
    expect([(await post({ body: row, key })).status, own.status]).toEqual([403, 202]);
    const { body: batches } = await ingestion.call('GET', '/v1/batches?limit=1', { key });
    expect([batches.items.map(({ datasetName }: { datasetName: string }) => datasetName), batches.nextCursor]).toEqual([['other-1'], null]);
    expect((await ingestion.call('GET', '/v1/batches?dataset=claims', { key })).body.code).toBe('access.dataset_not_allowed');
    const { body: seen } = await ingestion.call('GET', '/v1/datasets?limit=1', { key });
    expect([seen.items.map(({ name }: { name: string }) => name), seen.nextCursor]).toEqual([['other-1'], null]);
    expect((await post({ body: row }, 'claims', 'nobody')).body.code).toBe('ingestion.contract_not_found');
    expect((await post({ body: row }, 'Not A Name')).status).toBe(400);
  });

  it('shows and changes contracts by the datasets they rule', async () => {
    const named = (name: string, version = '1.0.0') => ({ ...claimsContract, name, version });
    await ingestion.call('POST', '/v1/contracts', { body: named('shared') });
    const key = await ingestion.keyFor('scientist', ['ours-*']);
    const seen = (name: string) => ingestion.call('GET', `/v1/contracts/${name}`, { key });
    const change = (version: string) => ingestion.call('POST', '/v1/contracts', { key, body: named('shared', version) });
    expect((await seen('shared')).status).toBe(200);
    await post({ body: row, key: await ingestion.keyFor('client', ['theirs']) }, 'theirs', 'shared');
    expect((await seen('shared')).body.code).toBe('access.dataset_not_allowed');
    const { body: list } = await ingestion.call('GET', '/v1/contracts?limit=500', { key });
    expect(list.items.map(({ name }: { name: string }) => name)).not.toContain('shared');
    await post({ body: row, key: await ingestion.keyFor('client', ['ours-*']) }, 'ours-1', 'shared');
    expect((await seen('shared')).status).toBe(200);
    const { status, body } = await change('1.1.0');
    expect([status, body.code]).toEqual([403, 'access.dataset_not_allowed']);
    expect((await ingestion.call('POST', '/v1/contracts', { body: named('shared', '1.1.0') })).status).toBe(201);
  });

  it('makes a new version of a changed contract, and none of the same', async () => {
    const again = await ingestion.call('POST', '/v1/contracts', { body: { status: 'active', ...claimsContract } });
    expect([again.status, again.body.version]).toEqual([200, 1]);
    const changed = await ingestion.call('POST', '/v1/contracts', { body: { ...claimsContract, version: '1.1.0' } });
    expect([changed.status, changed.body.version]).toEqual([201, 2]);
    expect((await ingestion.call('GET', '/v1/contracts/claims')).body.document.version).toBe('1.1.0');
    expect((await ingestion.call('GET', '/v1/contracts/claims?version=1')).body.document.version).toBe('1.0.0');
    const { items } = (await ingestion.call('GET', '/v1/contracts')).body;
    expect(items.filter(({ name }: { name: string }) => name === 'claims')).toHaveLength(1);
  });

  it('refuses a contract that is wrong in itself or changes a type', async () => {
    const [table] = claimsContract.schema;
    const withProperty = (change: object) => ({
      ...claimsContract,
      schema: [{ ...table!, properties: [{ ...table!.properties[0], ...change }, ...table!.properties.slice(1)] }],
    });
    const wrong = await ingestion.call('POST', '/v1/contracts', { body: withProperty({ logicalTypeOptions: { pattern: '(' } }) });
    expect([wrong.status, wrong.body.code]).toEqual([422, 'ingestion.contract_invalid']);
    const other = await ingestion.call('POST', '/v1/contracts', { body: withProperty({ logicalType: 'integer' }) });
    expect([other.status, other.body.detail]).toEqual([409, 'claim was string and would become integer']);
    expect((await ingestion.call('POST', '/v1/contracts', { body: { kind: 'Wish' } })).status).toBe(400);
  });

  it('refuses text that cannot be stored, in contracts, feedback rules and cursors', async () => {
    const contracts = [
      { name: 'nul', id: 'a\u0000' },
      { name: 'half', note: { deep: ['\ud800'] } },
      { name: 'names', '\u0000': 1 },
    ];
    const deep = `{"name":"deep","x":${'['.repeat(20_000)}${']'.repeat(20_000)},${JSON.stringify(claimsContract).slice(1)}`;
    for (const body of [...contracts.map((change) => JSON.stringify({ ...claimsContract, ...change })), deep]) {
      const answer = await ingestion.call('POST', '/v1/contracts', { body, type: 'application/json' });
      expect(answer.status).toBe(400);
    }
    await ingestion.send('nul', 'claims', row);
    const rule = { modelName: 'm', labelColumn: 'damaged\u0000' };
    expect((await ingestion.call('POST', '/v1/datasets/nul/feedback', { body: rule })).status).toBe(400);
    const cursor = Buffer.from(JSON.stringify('a\u0000')).toString('base64url');
    for (const list of ['datasets', 'contracts']) expect((await ingestion.call('GET', `/v1/${list}?cursor=${cursor}`)).status).toBe(400);
  });

  it('leaves no key of a rejected batch behind: its good records can be sent again', async () => {
    const batch = await ingestion.send(
      'again',
      'claims',
      `${row}A2,x,Small,1,None\nA3,x,Small,1,None\nA4,x,Small,1,None\nA1,1990-01-08,Small,1,None\n`,
    );
    expect(batch.report).toMatchObject({ acceptedCount: 0, duplicateCount: 1, reasons: { wrong_type: 3, duplicate_key: 1 } });
    expect(batch.report.balance).toEqual({ read: 5, accepted: 0, quarantined: 3, dropped: 1, rejected: 1 });
    expect((await ingestion.send('again', 'claims', row)).report).toMatchObject({ acceptedCount: 1, duplicateCount: 0 });
  });

  it.each([
    '/v1/batches?datset=claims',
    '/v1/contracts?dataset=claims',
    '/v1/contracts/claims/versions?page=2',
    '/v1/datasets?name=claims',
    '/v1/datasets/claims/versions?before=2020-01-01',
    '/v1/datasets/claims/erasures?column=claim',
    '/v1/sources?dataset=claims',
    '/v1/sources/none/troubles?givenUp=true',
    '/v1/quarantine?status=waiting&datasets=claims',
    '/v1/quarantine/counts?code=wrong_type',
    '/v1/batches/01a20b72-4fc3-7320-a5e1-9ed71e02fc96/repairs?column=speed',
  ])('refuses the query of %s, which nobody knows', async (path) => {
    const { status, body } = await ingestion.call('GET', path, { key: await ingestion.keyFor('admin') });
    expect([status, body.code]).toEqual([400, 'platform.invalid_request']);
  });

  it('takes the kept content of a rejected batch again, once, with who and why', async () => {
    const contract = (version: string, percent: number) => ({
      ...{ ...claimsContract, name: 'strict', version },
      customProperties: [{ property: 'maxQuarantinedPercent', value: percent }],
    });
    await ingestion.call('POST', '/v1/contracts', { body: contract('1.0.0', 0) });
    const client = await ingestion.keyFor('client', ['strict']);
    const sent = await post({ body: `${row}A2,x,Small,1,None\n`, key: client }, 'strict', 'strict');
    const rejected = await ingestion.decided(sent.body.batchId);
    expect([rejected.status, rejected.resubmittedBatchId]).toEqual(['rejected', null]);
    await ingestion.call('POST', '/v1/contracts', { body: contract('1.1.0', 50) });
    const path = `/v1/batches/${rejected.batchId}/resubmit`;
    const again = (body: object, key?: string) => ingestion.call('POST', path, { body, ...(key ? { key } : {}) });
    const reason = 'the contract was too strict';
    expect((await again({ reason }, client)).status).toBe(403);
    expect((await again({ reason }, await ingestion.keyFor('scientist', ['others']))).body.code).toBe('access.dataset_not_allowed');
    for (const wrong of [{}, { reason: ' ' }, { reason: 'a\u0000' }]) expect((await again(wrong)).status).toBe(400);
    const [first, second] = await Promise.all([again({ reason }), again({ reason })]);
    expect([first.status, second.status, first.body.batchId]).toEqual([202, 202, second.body.batchId]);
    expect([first.body.isRepeat, second.body.isRepeat].sort()).toEqual([false, true]);
    const { batchId } = first.body;
    expect(await ingestion.decided(batchId)).toMatchObject({
      ...{ status: 'validated', contractVersion: 2, contentDigest: rejected.contentDigest, sentBy: 'client-1' },
      report: { acceptedCount: 1, quarantinedCount: 1 },
    });
    const { body: before } = await ingestion.call('GET', `/v1/batches/${rejected.batchId}`);
    expect(before).toMatchObject({ status: 'rejected', resubmittedBatchId: batchId });
    const { data } = await ingestion.firstEvent('ingestion.batch.resubmitted.v1');
    const told = { batchId: rejected.batchId, datasetName: 'strict', resubmittedBatchId: batchId, reason, resubmittedBy: 'scientist-1' };
    expect(data).toEqual(told);
    const validated = await ingestion.call('POST', `/v1/batches/${batchId}/resubmit`, { body: { reason } });
    expect([validated.status, validated.body.code]).toEqual([409, 'ingestion.batch_not_rejected']);
  });

  it('describes its API', async () => {
    const { body } = await ingestion.call('GET', '/openapi.json', { key: null });
    expect(body.openapi).toMatch(/^3\.1/);
    expect(Object.keys(body.paths)).toEqual(
      expect.arrayContaining(['/v1/contracts', '/v1/datasets/{dataset}/batches', '/v1/batches/{id}/quarantine']),
    );
  });

  it('keeps a dataset to its contract', async () => {
    await ingestion.call('POST', '/v1/contracts', { body: { ...claimsContract, name: 'others' } });
    expect((await post({ body: row }, 'claims', 'others')).body.code).toBe('ingestion.contract_mismatch');
  });
});
