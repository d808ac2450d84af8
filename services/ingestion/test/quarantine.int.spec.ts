import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimsContract, header, startIngestion } from './start-ingestion.js';

const column = (name: string, rest: object) => ({ name, ...rest });
const roleOf = (value: string) => ({ customProperties: [{ property: 'role', value }] });
const taleContract = (name: string, implementation: object, rest: object = {}) => ({
  ...{ apiVersion: 'v3.1.0', kind: 'DataContract', id: `urn:test:${name}`, name, version: '1.0.0', status: 'active' },
  schema: [
    {
      name,
      properties: [
        column('claim', { logicalType: 'string', primaryKey: true, ...roleOf('id') }),
        column('day', { logicalType: 'date', required: true, ...roleOf('time') }),
        column('amount', { logicalType: 'number' }),
        column('note', { logicalType: 'string' }),
      ],
      quality: [{ type: 'custom', engine: 'bascule', implementation, ...('shift' in implementation ? { severity: 'warning' } : {}) }],
    },
  ],
  customProperties: [{ property: 'maxQuarantinedPercent', value: 50 }],
  ...rest,
});

describe('quarantine', () => {
  let ingestion: Awaited<ReturnType<typeof startIngestion>>;
  let batchId: string;
  beforeAll(async () => {
    ingestion = await startIngestion();
    await ingestion.call('POST', '/v1/contracts', { body: claimsContract });
    const good = Array.from({ length: 10 }, (_, i) => `G${i},1990-01-08,Small,1,None`);
    const bad = [
      'B1,08.01.1990,Small,1,None',
      'B2,1990-01-08,Small,700,None',
      'B3,1990-01-08,Small,1,Nonne',
      'B4,1990-01-08,Small,1,nonne',
      'B5,1990-01-08',
      'B6,,,,',
    ];
    batchId = (await ingestion.send('claims', 'claims', [header, ...good, ...bad].join('\n'))).batchId;
  });
  afterAll(() => ingestion.stop());

  const quarantine = (query = '') => ingestion.call('GET', `/v1/batches/${batchId}/quarantine${query}`);
  const post = (action: string, body: object, key?: string) =>
    ingestion.call('POST', `/v1/batches/${batchId}/quarantine/${action}`, { body, ...(key ? { key } : {}) });
  const rowsOf = async (query: string) => (await quarantine(query)).body.items.map(({ row }: { row: number }) => row);

  it('is listed by reason and counted', async () => {
    expect(await rowsOf('?code=not_allowed_value')).toEqual([13, 14]);
    expect((await quarantine('/counts')).body).toEqual({
      waiting: { missing_required: 1, not_allowed_value: 2, out_of_range: 1, unparsable_row: 1, wrong_type: 1 },
      statuses: { waiting: 6, resubmitted: 0, discarded: 0 },
    });
  });

  it('is shown to no client but the one that sent the records', async () => {
    const key = await ingestion.keyFor('client');
    for (const path of ['/quarantine', '/quarantine/download', '/repairs']) {
      const { status, body } = await ingestion.call('GET', `/v1/batches/${batchId}${path}`, { key });
      expect([path, status, body.code]).toEqual([path, 403, 'ingestion.batch_of_another']);
    }
    expect((await ingestion.call('GET', '/v1/quarantine', { key })).body.items).toEqual([]);
    expect((await ingestion.call('GET', `/v1/batches/${batchId}/quarantine/counts`, { key })).status).toBe(200);
  });

  it('is left by records that are corrected by a rule', async () => {
    const mapValues = { Damage: { Nonne: 'None', nonne: 'None' } };
    const { status, body } = await post('resubmit', { code: 'not_allowed_value', mapValues, reason: 'spelling' });
    expect([status, body]).toMatchObject([202, { rowCount: 2, correctedCount: 2 }]);
    expect((await ingestion.decided(body.batchId)).report).toMatchObject({ acceptedCount: 2, quarantinedCount: 0 });
    const { items } = (await quarantine('?status=resubmitted')).body;
    expect(items[0]).toMatchObject({ row: 13, resubmittedBatchId: body.batchId, settledBy: 'scientist-1', settledReason: 'spelling' });
    expect((await post('resubmit', { rows: [13], reason: 'again' })).body.code).toBe('ingestion.quarantine_not_waiting');
  });

  it('is left by records that are corrected one by one, those that could not be read among them', async () => {
    const refused = await post('resubmit', { rows: [11, 15], reason: 'by hand' });
    expect([refused.status, refused.body.code, refused.body.detail]).toEqual([422, 'ingestion.quarantine_uncorrected', 'rows 15']);
    const records = [
      { row: 11, record: { Claim: 'B1', Day: '1990-01-08', Size: 'Small', Damage: 'None' } },
      { row: 15, record: { claim: 'B5', day: '1990-01-08', size: 'Small', damaged: 1 } },
    ];
    const { body } = await post('resubmit', { rows: [11, 15], records, reason: 'by hand' });
    expect((await ingestion.decided(body.batchId)).report).toMatchObject({ acceptedCount: 2 });
  });

  it('is left by records that meet the contract as it is now', async () => {
    const [table] = claimsContract.schema;
    const properties = table!.properties.map((each) =>
      each.name === 'speed' ? { ...each, logicalTypeOptions: { minimum: 0, maximum: 800 } } : each,
    );
    await ingestion.call('POST', '/v1/contracts', { body: { ...claimsContract, version: '1.1.0', schema: [{ ...table, properties }] } });
    const { body } = await post('resubmit', { rows: [12], reason: 'the limit was wrong' });
    expect(body.correctedCount).toBe(0);
    expect(await ingestion.decided(body.batchId)).toMatchObject({ contractVersion: 2, report: { acceptedCount: 1 } });
  });

  it('is left by records that are discarded with a reason, once, also when many ask at once', async () => {
    const answers = await Promise.all(Array.from({ length: 4 }, () => post('discard', { rows: [16], reason: 'empty' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    expect((await post('discard', { rows: [16] })).status).toBe(400);
    expect((await quarantine('/counts')).body).toEqual({ waiting: {}, statuses: { waiting: 0, resubmitted: 5, discarded: 1 } });
  });

  it('tells the world what was done', async () => {
    const events = await eventually(async () => {
      const found = await ingestion.events('ingestion.quarantine.settled.v1');
      return found.length === 4 && found;
    });
    expect(events.map(({ data }) => [data.outcome, data.rows, data.correctedCount, data.reason])).toEqual([
      ['resubmitted', [13, 14], 2, 'spelling'],
      ['resubmitted', [11, 15], 2, 'by hand'],
      ['resubmitted', [12], 0, 'the limit was wrong'],
      ['discarded', [16], 0, 'empty'],
    ]);
  });

  it('of a rejected batch stays: it is sent again as a whole; and needs a role', async () => {
    const rejected = await ingestion.send('claims', 'claims', `${header}\nX1,x,Small,1,None\n`);
    const path = `/v1/batches/${rejected.batchId}/quarantine/discard`;
    expect((await ingestion.call('POST', path, { body: { rows: [1], reason: 'x' } })).status).toBe(409);
    expect((await post('discard', { rows: [1], reason: 'x' }, await ingestion.keyFor('client'))).status).toBe(403);
  });

  it('holds near duplicates of what the dataset took before, and no record of itself', async () => {
    const rule = { nearDuplicates: { columns: ['note'], similarity: 0.8 } };
    const slaProperties = [
      { property: 'latency', value: 1, unit: 'd' },
      { property: 'retention', value: 1, unit: 'y' },
    ];
    const { body: published } = await ingestion.call('POST', '/v1/contracts', { body: taleContract('tales', rule, { slaProperties }) });
    expect(published.notExecuted).toEqual(['slaProperties retention: nothing is removed for its age']);
    const story = (word: string) => `A bird struck the ${word} engine shortly after take-off and the crew returned without trouble`;
    const send = (rows: string[], query = '') =>
      ingestion.send('tales', 'tales', ['claim,day,amount,note', ...rows].join('\n'), 'text/csv', query);
    const row = (claim: string, note: string) => `${claim},2001-02-03,1,${note}`;
    const { report } = await send([row('N1', story('left'))]);
    expect(report.warnings).toContainEqual(expect.stringContaining('latency: hours since the newest day'));
    const rows = [row('N1', story('left')), row('N2', story('LEFT')), row('N3', 'nothing like it at all')];
    const sent = await send(rows);
    expect(sent.report).toMatchObject({
      reasons: { near_duplicate: 1, duplicate_key: 1 },
      balance: { read: 3, accepted: 1, quarantined: 1, dropped: 1 },
    });
    // a correction is held against all records but the one it corrects
    const corrected = await send([row('N1', story('right'))], '&mode=correct');
    expect(corrected.report).toMatchObject({ verdict: 'accepted', replacedCount: 1 });
    // a rejected batch leaves nothing behind to be like
    const rejected = await send([row('N4', 'quite another tale'), ...Array.from({ length: 20 }, () => 'x,,,')]);
    expect([rejected.status, (await send([row('N5', 'quite another tale')])).report.acceptedCount]).toEqual(['rejected', 1]);
    // who sends one again from quarantine has looked at it
    const body = { rows: [2], reason: 'another claim' };
    const again = await ingestion.call('POST', `/v1/batches/${sent.batchId}/quarantine/resubmit`, { body });
    expect((await ingestion.decided(again.body.batchId)).report.acceptedCount).toBe(1);
    expect((await send([row('N6', story('left'))], '&mode=replace')).report.acceptedCount).toBe(1);
  });

  it('holds near duplicates of the rows that are there, whether or not they should have been replaced', async () => {
    const rule = { nearDuplicates: { columns: ['note'], similarity: 0.8 } };
    const customProperties = [{ property: 'maxQuarantinedPercent', value: 100 }];
    const publish = (version: string, implementation: object) =>
      ingestion.call('POST', '/v1/contracts', { body: taleContract('retold', implementation, { version, customProperties }) });
    const send = async (row: string, query = '') =>
      (await ingestion.send('retold', 'retold', `claim,day,amount,note\n${row}`, 'text/csv', query)).report;
    const story = 'Two gulls hit the windscreen on final approach and the crew went around once';
    const isNear = { acceptedCount: 0, reasons: { near_duplicate: 1 } };
    await publish('1.0.0', rule);
    await send(`R1,2001-02-03,1,${story}`);
    const nothing = await send('R2,,1,no day', '&mode=replace');
    expect([nothing.verdict, nothing.acceptedCount]).toEqual(['accepted_with_quarantine', 0]);
    expect(await send(`R3,2001-02-03,1,${story}`)).toMatchObject(isNear);
    // replaced under a contract that holds nothing against them
    await publish('1.1.0', { shift: { columns: ['amount'] } });
    await send('R4,2001-02-03,1,nothing like it', '&mode=replace');
    await publish('1.2.0', rule);
    expect(await send(`R5,2001-02-03,1,${story}`)).toMatchObject({ acceptedCount: 1 });
    expect(await send(`R6,2001-02-03,1,${story}`)).toMatchObject(isNear);
  });

  it.each([
    // the third is like the second, which is not kept; the fifth is short of words to be like anything
    ['keepFirst', ['F1', 'F4', 'F5'], { read: 5, accepted: 3, quarantined: 0, dropped: 2 }, { accepted: 0, quarantined: 0, dropped: 1 }],
    ['keepLast', ['F3', 'F4', 'F5'], { read: 5, accepted: 3, quarantined: 0, dropped: 2 }, { accepted: 0, quarantined: 1, dropped: 0 }],
    ['keepAll', ['F1', 'F2', 'F3', 'F4', 'F5'], { read: 5, accepted: 5, quarantined: 0, dropped: 0 }, { accepted: 1 }],
  ])('holds no near duplicates that the policy %s says to drop or to keep, and all are counted', async (policy, kept, balance, next) => {
    const name = `near-${policy.toLowerCase()}`;
    const rule = { nearDuplicates: { columns: ['note'], similarity: 0.8, policy } };
    const duplicates = policy === 'keepAll' ? 'keepFirst' : policy;
    const customProperties = [
      { property: 'duplicates', value: duplicates },
      { property: 'maxQuarantinedPercent', value: 100 },
    ];
    await ingestion.call('POST', '/v1/contracts', { body: taleContract(name, rule, { customProperties }) });
    const send = (rows: string[]) => ingestion.send(name, name, ['claim,day,amount,note', ...rows].join('\n'));
    const row = (claim: string, note: string) => `${claim},2001-02-03,1,${note}`;
    const story = (word: string) => `A bird struck the ${word} engine shortly after take-off and the crew returned without trouble`;
    const sent = await send([
      row('F1', story('left')),
      row('F2', story('LEFT')),
      row('F3', story(' left')),
      row('F4', 'other'),
      row('F5', 'x'),
    ]);
    expect(sent.report.balance).toEqual(balance);
    const dropped = balance.dropped > 0 ? { near_duplicate: balance.dropped } : {};
    expect(sent.report.reasons).toEqual(dropped);
    const url = new URL(`/v1/datasets/${name}/versions/${sent.datasetVersion}/rows?format=csv`, ingestion.replicas[0]!.url);
    const rows = await (await fetch(url, { headers: { authorization: `Bearer ${await ingestion.keyFor('scientist')}` } })).text();
    expect(rows.match(/^F\d/gm)).toEqual(kept);
    if (policy === 'keepAll') expect(sent.report.expectations).toMatchObject([{ metric: 'nearDuplicates', measured: 2, holds: true }]);
    expect((await send([row('F6', story('left'))])).report.balance).toMatchObject(next);
  });

  it('is no place for values that moved: they are a finding, against the version that the contract names, whatever came since', async () => {
    const rule = { shift: { columns: ['amount'], reference: 'golden' } };
    await ingestion.call('POST', '/v1/contracts', { body: taleContract('pinned', rule) });
    const send = (from: number) => {
      const rows = Array.from({ length: 200 }, (_, i) => `P${from + i},2001-02-03,${(from % 10_000) + i},x`);
      return ingestion.send('pinned', 'pinned', ['claim,day,amount,note', ...rows].join('\n'));
    };
    const first = await send(0);
    expect(first.report.notes).toContain('no version has the tag golden: values were held against the last batches');
    const body = { version: first.datasetVersion };
    expect((await ingestion.call('PUT', '/v1/datasets/pinned/tags/golden', { body })).status).toBe(200);
    await send(5000);
    const { report } = await send(15_000);
    // half of the last batches have moved by now
    expect(report.findings).toMatchObject([{ kind: 'distribution_shift', field: 'amount', measured: 1 }]);
    expect((await send(20_000)).report).toMatchObject({ findings: [], notes: [] });
  });
});
