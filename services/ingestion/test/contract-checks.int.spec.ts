import { eventually } from '@bascule/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startIngestion } from './start-ingestion.js';

const policies = (rest = '') => `
apiVersion: v3.1.0
kind: DataContract
id: urn:test:policies
name: policies
version: 1.0.0
status: active
schema:
  - name: policies
    properties:
      - {name: id, logicalType: string, primaryKey: true}
${rest}`;

const claims = (change: { duplicates?: string; history?: string; version?: string } = {}) => `
apiVersion: v3.1.0
kind: DataContract
id: urn:test:motor
name: motor
version: ${change.version ?? '1.0.0'}
status: active
schema:
  - name: motor
    properties:
      - name: claim
        logicalType: string
        primaryKey: true
      - name: policy
        logicalType: string
        relationships: [{to: policies.id}]
      - name: opened
        logicalType: date
        required: true
        customProperties:
          - {property: role, value: time}
          - property: repairs
            value: {trim: true, dateFormats: [DD/MM/YYYY, MM/DD/YYYY]}
      - name: closed
        logicalType: date
      - name: amount
        logicalType: number
        customProperties:
          - property: repairs
            value: {amount: {groups: [","], currency: [€]}}
      - name: note
        logicalType: string
    quality:
      - {type: custom, engine: bascule, name: closed after opened, implementation: {condition: {column: closed, atLeast: {column: opened}}}}
      - {metric: rowCount, mustBeGreaterThan: 100, severity: warning}
${change.history ?? ''}
customProperties:
  - {property: maxQuarantinedPercent, value: 90}
  - {property: missingValues, value: ["?"]}
  - {property: duplicates, value: ${change.duplicates ?? 'keepFirst'}}
  - {property: guards, value: {formula: quarantine}}
`;

const header = 'claim,policy,opened,closed,amount,note';

describe('a contract in YAML', () => {
  let ingestion: Awaited<ReturnType<typeof startIngestion>>;
  // biome-ignore lint/suspicious/noExplicitAny: the shape is what the test checks
  let batch: any;
  const publish = (body: string, path = '') =>
    ingestion.call('POST', `/v1/contracts${path}`, { body, type: 'application/odcs+yaml;version=3.1.0' });
  const get = async (path: string) => (await ingestion.call('GET', path)).body;
  const rowsOf = async (dataset: string, version: string) => {
    const url = new URL(`/v1/datasets/${dataset}/versions/${version}/rows?format=csv`, ingestion.replicas[0]!.url);
    const answer = await fetch(url, { headers: { authorization: `Bearer ${await ingestion.keyFor('admin')}` } });
    return (await answer.text()).trim().split(/\r?\n/).slice(1);
  };
  const waits = async (id: string) =>
    Object.fromEntries(
      (await get(`/v1/batches/${id}/quarantine?limit=100`)).items.map((item: { row: number; reasons: { code: string }[] }) => [
        item.row,
        item.reasons.map(({ code }) => code).join(),
      ]),
    );

  beforeAll(async () => {
    ingestion = await startIngestion();
    expect((await publish(policies())).status).toBe(201);
    expect((await publish(claims())).status).toBe(201);
    await ingestion.send('policies', 'policies', 'id\nP1\nP2\n');
    const rows = [
      'C1,P1,2001-02-03,2001-02-04,100,fine',
      'C2,P2, 13/02/2001 ,?,"€1,234.50",with repairs',
      'C3,P9,2001-02-03,,1,no such policy',
      'C4,,03/02/2001,,1,which day',
      'C5,P1,2001-02-03,2001-02-02,1,closed too soon',
      'C6,P1,2001-02-03,,1,"=HYPERLINK(""x"")"',
      'C7,P1,2001-02-03,,12 apples,amount',
      'C1,P1,2001-02-03,,1,again',
      'C8,P1,2001-02-03,,1,pay\u200bpal',
    ];
    batch = await ingestion.send('motor', 'motor', [header, ...rows].join('\n'));
  });
  afterAll(() => ingestion.stop());

  it('judges each record, with code, field, value and expectation', async () => {
    expect(await waits(batch.batchId)).toEqual({
      3: 'unknown_reference',
      4: 'ambiguous_value',
      5: 'condition_failed',
      6: 'formula',
      7: 'wrong_type',
      8: 'duplicate_key',
    });
    const { items } = await get(`/v1/batches/${batch.batchId}/quarantine?field=opened`);
    expect(items.map(({ row }: { row: number }) => row)).toEqual([4, 5]);
    expect(items[0].reasons[0]).toMatchObject({
      code: 'ambiguous_value',
      field: 'opened',
      value: '"03/02/2001"',
      message: 'opened is "03/02/2001", which may mean 2001-02-03 or 2001-03-02',
    });
  });

  it('gives a verdict in which nothing is in neither place, and says it to the world', async () => {
    expect(batch).toMatchObject({ status: 'validated', contractVersion: 1 });
    expect(batch.report).toMatchObject({
      verdict: 'accepted_with_quarantine',
      balance: { read: 9, accepted: 3, quarantined: 5, dropped: 1 },
      flags: { counts: { formula: 1, invisible_character: 1 }, examples: [{ row: 9, field: 'note' }] },
      warnings: ['rowCount of motor mustBeGreaterThan 100 rows: measured 9'],
      rejection: [],
    });
    const event = await eventually(
      async () => (await ingestion.events('ingestion.batch.validated.v1')).find(({ data }) => data.batchId === batch.batchId) ?? false,
    );
    expect(event?.data).toMatchObject({
      verdict: 'accepted_with_quarantine',
      droppedCount: 1,
      repairedCellCount: 3,
      flags: { formula: 1 },
    });
    expect(event?.data.warnings).toHaveLength(1);
  });

  it('counts repairs and keeps what was sent', async () => {
    expect(batch.report.repairs.counts).toEqual({
      opened: { trim: 1, date_format: 1 },
      closed: { null_token: 1 },
      amount: { currency: 1, separator: 1 },
    });
    const { items } = await get(`/v1/batches/${batch.batchId}/repairs`);
    expect(items).toEqual([
      { row: 2, line: 3, field: 'opened', repairs: ['trim', 'date_format'], original: ' 13/02/2001 ', value: '2001-02-13' },
      { row: 2, line: 3, field: 'closed', repairs: ['null_token'], original: '?', value: null },
      { row: 2, line: 3, field: 'amount', repairs: ['currency', 'separator'], original: '€1,234.50', value: '1234.5' },
    ]);
    const first = await get(`/v1/batches/${batch.batchId}/repairs?limit=1`);
    expect((await get(`/v1/batches/${batch.batchId}/repairs?limit=5&cursor=${first.nextCursor}`)).items).toEqual(items.slice(1));
    expect((await get(`/v1/batches/${batch.batchId}/repairs?field=amount`)).items).toEqual(items.slice(2));
  });

  it('is seen over all batches, counted by field, and downloaded', async () => {
    const all = await get('/v1/quarantine?dataset=motor&code=wrong_type');
    expect(all.items.map(({ batchId, row, datasetName }: Record<string, unknown>) => [batchId, row, datasetName])).toEqual([
      [batch.batchId, 7, 'motor'],
    ]);
    const paged = await get('/v1/quarantine?limit=4');
    const rest = await get(`/v1/quarantine?limit=4&cursor=${paged.nextCursor}`);
    expect([...paged.items, ...rest.items].map(({ row }: { row: number }) => row)).toEqual([3, 4, 5, 6, 7, 8]);
    const { waiting } = await get('/v1/quarantine/counts');
    expect(waiting).toContainEqual({ datasetName: 'motor', code: 'wrong_type', field: 'amount', recordCount: 1, batchCount: 1 });
    const download = async (format: string) => {
      const url = new URL(`/v1/batches/${batch.batchId}/quarantine/download?format=${format}`, ingestion.replicas[0]!.url);
      const answer = await fetch(url, { headers: { authorization: `Bearer ${await ingestion.keyFor('auditor')}` } });
      return [answer.headers.get('content-disposition'), await answer.text()] as const;
    };
    const [disposition, lines] = await download('ndjson');
    expect(disposition).toContain(`quarantine-${batch.batchId}.ndjson`);
    expect(
      lines
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).row),
    ).toEqual([3, 4, 5, 6, 7, 8]);
    const [, table] = await download('csv');
    expect(table.split('\r\n')[1]).toBe(
      `3,4,waiting,"unknown_reference","policy","policy is ""P9"", which policies.id does not have","C3,P9,2001-02-03,,1,no such policy"`,
    );
    const outsider = await ingestion.keyFor('client', ['other-*']);
    expect((await ingestion.call('GET', '/v1/quarantine', { key: outsider })).body.items).toEqual([]);
    expect((await ingestion.call('GET', '/v1/quarantine?dataset=motor', { key: outsider })).status).toBe(403);
  });

  it('lets many records be fixed by rule and replayed', async () => {
    const path = `/v1/batches/${batch.batchId}/quarantine/resubmit`;
    const repairs = { opened: { dateFormats: ['DD/MM/YYYY'] } };
    const fixed = await ingestion.call('POST', path, {
      body: { code: 'ambiguous_value', field: 'opened', repairs, reason: 'days come first' },
    });
    expect(fixed.body).toMatchObject({ rowCount: 1, correctedCount: 1 });
    expect((await ingestion.decided(fixed.body.batchId)).report).toMatchObject({ verdict: 'accepted', acceptedCount: 1 });
    // the policy has come meanwhile: as it was, and it is good
    await ingestion.send('policies', 'policies', 'id\nP9\n');
    const replayed = await ingestion.call('POST', path, { body: { code: 'unknown_reference', reason: 'the policy is there' } });
    expect((await ingestion.decided(replayed.body.batchId)).report).toMatchObject({ verdict: 'accepted' });
  });

  it('refuses to fix records by a date format that is none', async () => {
    const body = { code: 'wrong_type', repairs: { opened: { dateFormats: ['MM/YYYY'] } }, reason: 'a guess' };
    const answer = await ingestion.call('POST', `/v1/batches/${batch.batchId}/quarantine/resubmit`, { body });
    expect([answer.status, JSON.stringify(answer.body)]).toEqual([400, expect.stringContaining('needs YYYY, a month')]);
  });

  it('refers to no dataset that its author may not touch', async () => {
    const outsider = await ingestion.keyFor('scientist', ['bikes-*']);
    const body = claims().replaceAll('motor', 'bikes');
    const answer = await ingestion.call('POST', '/v1/contracts', { body, type: 'text/yaml', key: outsider });
    expect([answer.status, answer.body.code]).toEqual([403, 'access.dataset_not_allowed']);
  });

  it('drops, keeps or sets apart duplicates as it says', async () => {
    const twice = `${header}\nD1,P1,2001-02-03,,1,first\nD1,P1,2001-02-03,,2,last\n`;
    await publish(claims({ duplicates: 'keepLast', version: '1.1.0' }));
    const last = await ingestion.send('motor', 'motor', twice);
    expect(last.report.balance).toEqual({ read: 2, accepted: 1, quarantined: 0, dropped: 1 });
    expect(await waits(last.batchId)).toEqual({ 1: 'duplicate_key' });
    const refused = await ingestion.send('motor', 'motor', `${header}\nD4,P1,2001-02-03,,1,good\nD4,P8,2001-02-03,,2,no such policy\n`);
    expect(refused.report.balance).toEqual({ read: 2, accepted: 1, quarantined: 1, dropped: 0 });
    // what the dataset has makes room for what came last, under any of the keys
    const before = (await get('/v1/datasets/motor')).currentVersion;
    const later = await ingestion.send('motor', 'motor', `${header}\nD1,P1,2001-02-04,,3,later\nD9,P1,2001-02-04,,4,new\n`);
    expect(later.report).toMatchObject({ balance: { read: 2, accepted: 2, quarantined: 0, dropped: 0 }, replacedCount: 1 });
    const { items } = await get('/v1/datasets/motor/versions?limit=1');
    expect(items).toMatchObject([{ parentVersion: before, changeKind: 'correction', removedCount: 1 }]);
    const rows = await rowsOf('motor', later.datasetVersion);
    expect(rows.filter((row) => row.startsWith('D1,'))).toEqual([expect.stringContaining('later')]);
    const again = await ingestion.send('motor', 'motor', `${header}\nD1,P1,2001-02-05,,5,latest\n`);
    expect([again.report.replacedCount, (await rowsOf('motor', again.datasetVersion)).length]).toEqual([1, rows.length]);
    await publish(claims({ duplicates: 'quarantine', version: '1.2.0' }));
    const apart = await ingestion.send('motor', 'motor', twice.replaceAll('D1', 'D2'));
    expect(apart.report.balance).toEqual({ read: 2, accepted: 1, quarantined: 1, dropped: 0 });
    await publish(claims({ duplicates: 'keepAll', version: '1.3.0' }));
    const all = await ingestion.send('motor', 'motor', twice.replaceAll('D1', 'D3'));
    expect(all.report.balance).toEqual({ read: 2, accepted: 2, quarantined: 0, dropped: 0 });
  });

  it('says what a change breaks, before it is published and after', async () => {
    const next = claims({ duplicates: 'keepAll', version: '2.0.0' }).replace('- name: closed', '- name: closed\n        required: true');
    const would = await publish(next, '').then(() => get('/v1/contracts/motor/changes'));
    expect(would).toMatchObject({
      versionStep: 'major',
      changes: [{ column: 'closed', breaks: 'senders', message: 'closed becomes required' }],
    });
    const back = await ingestion.call('POST', '/v1/contracts/motor/changes', {
      body: claims({ duplicates: 'keepAll' }),
      type: 'text/yaml',
    });
    expect(back.body).toMatchObject({ to: null, changes: [{ column: 'closed', breaks: 'readers', message: 'closed may be missing' }] });
    expect((await get('/v1/contracts/motor/changes?from=1&to=2')).changes).toEqual([
      { breaks: 'both', message: 'duplicates: keepFirst becomes keepLast' },
    ]);
    const judged = await get('/v1/batches?contract=motor&contractVersion=1&status=validated&limit=100');
    expect(judged.items.map(({ batchId }: { batchId: string }) => batchId)).toContain(batch.batchId);
    expect(judged.items.every(({ contractVersion }: { contractVersion: number }) => contractVersion === 1)).toBe(true);
    const { items } = await get('/v1/contracts/motor/versions');
    expect(items.map(({ version }: { version: number }) => version)).toEqual([5, 4, 3, 2, 1]);
    const answer = await fetch(new URL('/v1/contracts/motor/document?version=1&format=yaml', ingestion.replicas[0]!.url), {
      headers: { authorization: `Bearer ${await ingestion.keyFor('auditor')}` },
    });
    expect(answer.headers.get('content-type')).toContain('application/odcs+yaml');
    expect((await publish(await answer.text(), '/checks')).body).toMatchObject({ isUsable: true, faults: [], columnCount: 6 });
    expect((await publish('kind: Nothing', '/checks')).body.isUsable).toBe(false);
    expect((await publish('a: [1')).body).toMatchObject({ status: 400, detail: expect.stringContaining('line 1') });
    expect((await ingestion.call('POST', '/v1/sources', { body: 'a: 1', type: 'text/yaml' })).status).toBe(415);
  });

  it('rejects a batch for what its history does not explain, where it says so', async () => {
    const severe = (severity: string) =>
      claims({
        ...{ duplicates: 'keepAll', version: `3.0.0-${severity}` },
        history: `      - {type: custom, engine: bascule, severity: ${severity}, implementation: {completenessDrop: {points: 5, columns: [policy]}}}`,
      });
    const rows = (from: number, policy: string) => Array.from({ length: 200 }, (_, i) => `H${from + i},${policy},2001-02-03,,${i},x`);
    await publish(severe('warning'));
    await ingestion.send('motor', 'motor', [header, ...rows(0, 'P1')].join('\n'));
    const warned = await ingestion.send('motor', 'motor', [header, ...rows(200, ''), ...rows(400, 'P1')].join('\n'));
    const finding = { kind: 'completeness_drop', field: 'policy', severity: 'warning' };
    expect(warned.report).toMatchObject({ verdict: 'accepted', findings: expect.arrayContaining([expect.objectContaining(finding)]) });
    await publish(severe('error'));
    const rejected = await ingestion.send('motor', 'motor', [header, ...rows(600, '')].join('\n'));
    expect(rejected).toMatchObject({ status: 'rejected', report: { verdict: 'rejected' } });
    expect(rejected.report.rejection.join()).toContain('100.0 % of policy is missing');
    expect(rejected.report.balance).toEqual({ read: 200, accepted: 0, quarantined: 0, dropped: 0, rejected: 200 });
    const { items } = await get('/v1/datasets/motor/senders');
    expect(items).toMatchObject([{ sentBy: 'scientist-1', labelledCount: 0 }]);
    expect(items[0].recordCount).toBeGreaterThan(600);
  });

  it('has its doors described', async () => {
    const { paths } = await get('/openapi.json');
    for (const path of ['/v1/contracts/{name}/changes', '/v1/contracts/checks', '/v1/batches/{id}/repairs', '/v1/quarantine/counts'])
      expect(Object.keys(paths)).toContain(path);
  });

  it('rejects a batch whose references lead nowhere', async () => {
    await publish(claims().replaceAll('motor', 'lorry').replace('policies.id', 'nowhere.id'));
    const batch = await ingestion.send('lorries', 'lorry', `${header}\nC1,P1,2001-02-03,,1,x\n`);
    expect(batch.report.rejection).toEqual(['no dataset nowhere has the key id, to which the contract refers']);
  });

  it('that an earlier release took with a pattern of today no more says so, refuses batches, and is published anew', async () => {
    const yaml = policies().replaceAll('policies', 'looking');
    await publish(yaml);
    const database = new pg.Client({ connectionString: ingestion.env.DATABASE_URL });
    await database.connect();
    await database.query(
      `insert into contracts (name, version, content_digest, document, created_by, created_at)
       select name, 2, 'of before', jsonb_set(document::jsonb, '{schema,0,properties,0,logicalTypeOptions}', '{"pattern": "^(?=P)"}')::json, created_by, now()
       from contracts where name = 'looking'`,
    );
    await database.end();
    const { notExecuted } = await get('/v1/contracts/looking');
    expect(notExecuted).toEqual([expect.stringContaining('no batch is judged by it: the pattern ^(?=P): a lookahead')]);
    const sent = await ingestion.call('POST', '/v1/datasets/looking/batches?contract=looking', { body: 'id\nP1\n' });
    expect([sent.status, sent.body.code]).toEqual([409, 'ingestion.contract_outdated']);
    expect((await publish(yaml.replace('1.0.0', '1.0.1'))).body.version).toBe(3);
    expect((await ingestion.send('looking', 'looking', 'id\nP1\n')).status).toBe('validated');
  });
});
