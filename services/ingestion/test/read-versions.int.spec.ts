import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimsContract, header, startIngestion } from './start-ingestion.js';

const sizes = ['Small', 'Large'];
const rows = Array.from({ length: 200 }, (_, i) => {
  const day = new Date(Date.UTC(1990, 0, 1 + i)).toISOString().slice(0, 10);
  return `R-${i},${day},${sizes[i % 2]},${i % 10 === 0 ? '' : i},None`;
});
const table = (some: string[]) => `${[header, ...some].join('\n')}\n`;

/** Claims with a personal column in place of the plain key. */
const personalContract = {
  ...claimsContract,
  name: 'people',
  schema: [
    {
      ...claimsContract.schema[0]!,
      properties: [
        ...claimsContract.schema[0]!.properties,
        { name: 'holder', physicalName: 'Holder', logicalType: 'string', classification: 'personal' },
      ],
    },
  ],
};

describe('a dataset version', () => {
  let ingestion: Awaited<ReturnType<typeof startIngestion>>;
  let [first, second] = ['', ''];
  beforeAll(async () => {
    ingestion = await startIngestion({ PROFILES_INTERVAL_MS: '100' });
    await ingestion.call('POST', '/v1/contracts', { body: claimsContract });
    await ingestion.call('POST', '/v1/contracts', { body: personalContract });
    first = (await ingestion.send('read', 'claims', table(rows.slice(0, 100)))).datasetVersion;
    second = (await ingestion.send('read', 'claims', table(rows.slice(100)))).datasetVersion;
  });
  afterAll(() => ingestion.stop());

  const path = (version: string, rest: string) => `/v1/datasets/read/versions/${version}/${rest}`;
  async function read(version: string, query = '', dataset = 'read'): Promise<Record<string, unknown>[]> {
    const scientist = await ingestion.keyFor('scientist');
    const url = new URL(`/v1/datasets/${dataset}/versions/${version}/rows?${query}`, ingestion.replicas.at(-1)!.url);
    const response = await fetch(url, { headers: { authorization: `Bearer ${scientist}` } });
    const text = await response.text();
    if (response.status !== 200) throw new Error(text);
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }
  const claims = (found: Record<string, unknown>[]) => found.map(({ claim }) => claim);

  it('gets its profile without being asked, and keeps it in the object store', async () => {
    const version = await eventually(async () => {
      const { body } = await ingestion.call('GET', path(second, 'profile'));
      return body.rowCount === 200 && body;
    });
    expect(version).toMatchObject({ datasetVersion: second, labelledCount: 200, labelledShare: 1 });
    expect(version.columns.find(({ name }: { name: string }) => name === 'speed')).toMatchObject({
      count: 180,
      missing: 20,
      numeric: { min: 1, max: 199 },
    });
    expect(version.columns.find(({ name }: { name: string }) => name === 'size').categories).toEqual([
      { value: 'Large', count: 100 },
      { value: 'Small', count: 100 },
    ]);
    expect(version.profileDigest).toMatch(/^[0-9a-f]{64}$/);
    // told once, however many ask for it
    await Promise.all([first, second, second].map((each) => ingestion.call('GET', path(each, 'profile'))));
    const told = await eventually(async () => {
      const events = await ingestion.events('ingestion.dataset.profiled.v1');
      return events.some(({ data }) => data.datasetVersion === first) && events;
    });
    const ofSecond = told.filter(({ data }) => data.datasetVersion === second).map(({ data }) => data);
    expect(ofSecond).toMatchObject([{ profileDigest: version.profileDigest, rowCount: 200, labelledCount: 200 }]);
  });

  it('is read as a whole, for a time, and as the formats there are', async () => {
    expect(claims(await read(first))).toEqual(rows.slice(0, 100).map((_, i) => `R-${i}`));
    expect(claims(await read(second, 'from=1990-01-02T00:00:00Z&before=1990-01-04T00:00:00Z'))).toEqual(['R-1', 'R-2']);
    const csv = await fetch(new URL(path(first, 'rows?format=csv'), ingestion.replicas.at(-1)!.url), {
      headers: { authorization: `Bearer ${await ingestion.keyFor('scientist')}` },
    });
    expect([csv.headers.get('content-type'), (await csv.text()).split('\n')[1]]).toEqual([
      'text/csv; charset=utf-8',
      'R-0,1990-01-01T00:00:00.000Z,Small,,0',
    ]);
  });

  it('is split by hash: every row in one share, the same in each version', async () => {
    const split = (version: string, name: string) => read(version, `split=${name}&shares=train:70,test:30&seed=x`).then(claims);
    const [train, test] = [await split(second, 'train'), await split(second, 'test')];
    expect([...train, ...test].sort()).toEqual(rows.map((_, i) => `R-${i}`).sort());
    expect(test.length).toBeGreaterThan(30);
    const before = await split(first, 'test');
    expect(test.filter((claim) => before.includes(claim))).toEqual(before);
  });

  it('is split by time: the newest rows apart', async () => {
    const test = claims(await read(second, 'split=test&by=time&shares=train:90,test:10'));
    expect(test).toEqual(rows.slice(180).map((_, i) => `R-${180 + i}`));
    const { status, body } = await ingestion.call('GET', path(second, 'rows?split=nope'));
    expect([status, body.code]).toEqual([422, 'ingestion.rows_unreadable']);
    expect((await ingestion.call('GET', path(second, 'rows?shares=train:1'))).status).toBe(400);
  });

  it('differs from another in rows, columns and statistics', async () => {
    const appended = (await ingestion.call('GET', path(second, `difference?from=${first}`))).body;
    expect(appended.rows).toEqual({ before: 100, after: 200, added: 100, removed: 0, isExact: true });
    const speed = appended.statistics.find(({ name }: { name: string }) => name === 'speed');
    expect(speed.psi).toBeGreaterThan(0.5);
    expect(speed.missingShare).toEqual({ before: 0.1, after: 0.1 });
    const changed = rows.slice(0, 100).map((row, i) => (i < 3 ? row.replace('Small', 'Huge') : row));
    const third = (await ingestion.send('read', 'claims', table(changed), 'text/csv', '&mode=replace')).datasetVersion;
    const replaced = (await ingestion.call('GET', path(third, `difference?from=${first}`))).body;
    expect(replaced.rows).toEqual({ before: 100, after: 100, added: 2, removed: 2, isExact: true });
    expect(replaced.columns).toEqual({ added: [], removed: [], changed: [] });
    expect(replaced.statistics.find(({ name }: { name: string }) => name === 'size')).toMatchObject({
      newCategories: ['Huge'],
      goneCategories: [],
    });
  });

  it('is found by a tag that may be moved, with an event for every move', async () => {
    const set = (tag: string, version: string) => ingestion.call('PUT', `/v1/datasets/read/tags/${tag}`, { body: { version } });
    expect((await set('gold', first)).body).toMatchObject({ tag: 'gold', version: first, taggedBy: 'scientist-1' });
    await set('gold', second);
    await set('gold', second);
    expect((await ingestion.call('GET', '/v1/datasets/read/tags/gold')).body.version).toBe(second);
    expect((await set('gold', 'f'.repeat(64))).status).toBe(404);
    expect((await ingestion.call('DELETE', '/v1/datasets/read/tags/gold')).status).toBe(204);
    expect((await ingestion.call('GET', '/v1/datasets/read/tags')).body.items).toEqual([]);
    const events = await eventually(async () => {
      const found = await ingestion.events('ingestion.dataset.tagged.v1');
      return found.length === 3 && found;
    });
    expect(events.map(({ data }) => [data.datasetVersion, data.previousVersion])).toEqual([
      [first, null],
      [second, first],
      [null, second],
    ]);
  });

  it('is found by the time at which it was current', async () => {
    const versions = (await ingestion.call('GET', '/v1/datasets/read/versions')).body.items.toReversed();
    for (const { createdAt, version } of versions)
      expect((await ingestion.call('GET', `/v1/datasets/read/version-at?time=${createdAt}`)).body.version).toBe(version);
    expect((await ingestion.call('GET', '/v1/datasets/read/version-at?time=1990-01-01T00:00:00Z')).status).toBe(404);
  });

  it('proves its parts', async () => {
    const { manifest, contentRoot } = (await ingestion.call('GET', `/v1/datasets/read/versions/${second}`)).body;
    for (const { digest } of manifest.parts)
      expect((await ingestion.call('GET', path(second, `parts/${digest}/proof`))).body).toMatchObject({ contentRoot, isStored: true });
  });

  it('shows personal columns to nobody but admins, also where a record was refused', async () => {
    const content = `${header},Holder\nP1,1990-01-08,Small,5,None,Ann Lee\nP2,1990-01-08,Small,999,None,Bob Ray\n`;
    const batch = await ingestion.send('people', 'people', content);
    expect(await read(batch.datasetVersion, '', 'people')).toMatchObject([{ claim: 'P1', holder: '[masked]' }]);
    const quarantined = await ingestion.call('GET', `/v1/batches/${batch.batchId}/quarantine`);
    const profile = await ingestion.call('GET', `/v1/datasets/people/versions/${batch.datasetVersion}/profile`);
    expect(quarantined.body.items[0].record).toMatchObject({ Speed: '999', Holder: '[masked]' });
    expect(JSON.stringify([quarantined.body, profile.body, batch])).not.toMatch(/Ann|Bob/);
  });

  it('shows them to nobody else either where the contract calls them personal only later', async () => {
    const [schema] = personalContract.schema;
    const trimmed = { customProperties: [{ property: 'repairs', value: { trim: true } }] };
    const named = (classification: string, version: string) => {
      const properties = schema!.properties.map((property) =>
        property.name === 'holder' ? { ...property, classification, ...trimmed } : property,
      );
      return { body: { ...personalContract, name: 'marked', version, schema: [{ ...schema, properties }] } };
    };
    await ingestion.call('POST', '/v1/contracts', named('internal', '1.0.0'));
    const content = `${header},Holder\nP1,1990-01-08,Small,5,None,=Ann() Lee \nP2,1990-01-08,Small,999,None,Bob Ray\n`;
    const { batchId, datasetVersion } = await ingestion.send('marked', 'marked', content);
    expect(await read(datasetVersion, '', 'marked')).toMatchObject([{ holder: '=Ann() Lee' }]);
    const told = () =>
      Promise.all(['', '/repairs'].map(async (path) => (await ingestion.call('GET', `/v1/batches/${batchId}${path}`)).body));
    expect(JSON.stringify(await told()).match(/=Ann/g)).toHaveLength(3);
    await ingestion.call('POST', '/v1/contracts', named('personal', '1.1.0'));
    expect(await read(datasetVersion, '', 'marked')).toMatchObject([{ holder: '[masked]' }]);
    const [batch, repairs] = await told();
    expect(JSON.stringify([batch, repairs])).not.toContain('Ann');
    expect([batch.report.flags.examples[0].value, repairs.items[0].original]).toEqual(['[masked]', '[masked]']);
    const paths = [`/v1/batches/${batchId}/quarantine`, '/v1/quarantine?dataset=marked'];
    for (const refused of await Promise.all(paths.map((each) => ingestion.call('GET', each))))
      expect(refused.body.items[0].record).toMatchObject({ Speed: '999', Holder: '[masked]' });
  });
});
