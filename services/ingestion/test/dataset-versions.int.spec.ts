import { openTable } from '@bascule/tables';
import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLineageServer } from './lineage-server.js';
import { claimsContract, header, startIngestion } from './start-ingestion.js';

describe('versions of a dataset', () => {
  let ingestion: Awaited<ReturnType<typeof startIngestion>>;
  let lineage: Awaited<ReturnType<typeof startLineageServer>>;
  beforeAll(async () => {
    lineage = await startLineageServer();
    ingestion = await startIngestion({ OPENLINEAGE_URL: `${lineage.url}/`, OPENLINEAGE_API_KEY: 'lineage-key' });
    await ingestion.call('POST', '/v1/contracts', { body: claimsContract });
  });
  afterAll(async () => {
    await ingestion.stop();
    await lineage.stop();
  });

  const row = (claim: string, day: string, speed: number | string = 5, damage = 'None') => `${claim},${day},Small,${speed},${damage}`;
  const send = (dataset: string, rows: string[], query = '') =>
    ingestion.send(dataset, 'claims', `${[header, ...rows].join('\n')}\n`, 'text/csv', query);
  async function current(dataset: string) {
    const { body } = await ingestion.call('GET', `/v1/datasets/${dataset}`);
    return (await ingestion.call('GET', `/v1/datasets/${dataset}/versions/${body.currentVersion}`)).body;
  }
  /** Claims and speeds of the current version, by claim. */
  async function rowsOf(dataset: string): Promise<string[]> {
    const { manifest } = await current(dataset);
    const found: string[] = [];
    for (const { digest } of manifest.parts) {
      const table = await openTable(`${ingestion.env.OBJECT_ROOT}/${digest.slice(0, 2)}/${digest}`);
      const pick = table.picker(['claim', 'speed', 'damaged']);
      for await (const block of table.rows()) for (const each of block) found.push(pick(each).join(' '));
    }
    return found.sort();
  }

  it('made of the same rows have the same content root, whatever the dataset and the time', async () => {
    for (const dataset of ['twin-1', 'twin-2']) {
      await send(dataset, [row('A1', '1990-01-08'), row('A2', '1990-01-09')]);
      await send(dataset, [row('A3', '1990-01-10')]);
    }
    const [one, two] = [await current('twin-1'), await current('twin-2')];
    expect(one.contentRoot).toMatch(/^[0-9a-f]{64}$/);
    expect(two.contentRoot).toBe(one.contentRoot);
    expect(two.manifest.parts.map(({ digest }: { digest: string }) => digest)).toEqual(
      one.manifest.parts.map(({ digest }: { digest: string }) => digest),
    );
    expect(one).toMatchObject({ sequence: 2, changeKind: 'append', removedCount: 0 });
  });

  it('are replaced as a whole: records of before are neither there nor known', async () => {
    await send('replaced', [row('B1', '1990-01-08'), row('B2', '1990-01-09')]);
    const batch = await send('replaced', [row('B2', '1990-01-09', 7), row('B3', '1990-01-10')], '&mode=replace');
    expect(batch).toMatchObject({ status: 'validated', publishAs: { mode: 'replace' }, report: { acceptedCount: 2, duplicateCount: 0 } });
    expect(await rowsOf('replaced')).toEqual(['B2 7 0', 'B3 5 0']);
    expect(await current('replaced')).toMatchObject({ sequence: 2, changeKind: 'replace', removedCount: 2, rowCount: 2 });
    const again = await send('replaced', [row('B1', '1990-01-08')]);
    expect(again.report).toMatchObject({ acceptedCount: 1, duplicateCount: 0 });
  });

  it('take content again that was replaced since it was taken', async () => {
    const first = await send('retaken', [row('T1', '1990-01-08')]);
    expect((await send('retaken', [row('T1', '1990-01-08')])).batchId).toBe(first.batchId);
    await send('retaken', [row('T2', '1990-01-09')], '&mode=replace');
    const again = await send('retaken', [row('T1', '1990-01-08')]);
    expect(await rowsOf('retaken')).toEqual(['T1 5 0', 'T2 5 0']);
    expect((await send('retaken', [row('T1', '1990-01-08')])).batchId).toBe(again.batchId);
  });

  it('stay as they are when they are replaced by the same rows', async () => {
    const rows = [row('S1', '1990-01-08')];
    await send('same', rows);
    const { version } = await current('same');
    expect((await send('same', rows, '&mode=replace')).datasetVersion).toBe(version);
    expect((await ingestion.call('GET', '/v1/datasets/same/versions')).body.items).toHaveLength(1);
  });

  it('keep everything when what should replace them is rejected', async () => {
    await send('kept', [row('K1', '1990-01-08'), row('K2', '1990-01-09')]);
    const batch = await send('kept', [row('K1', '1990-01-08', 999), row('K2', '1990-01-09', 999)], '&mode=replace');
    expect(batch.status).toBe('rejected');
    expect(await rowsOf('kept')).toEqual(['K1 5 0', 'K2 5 0']);
    expect((await send('kept', [row('K1', '1990-01-08')])).report).toMatchObject({ acceptedCount: 0, duplicateCount: 1 });
  });

  it('are replaced for a window of time, and nowhere else', async () => {
    await send('windowed', [row('W1', '1990-01-08'), row('W2', '1990-02-01'), row('W3', '1990-02-28'), row('W4', '1990-03-01')]);
    const february = '&mode=window&from=1990-02-01T00:00:00Z&to=1990-03-01T00:00:00Z';
    const outside = await send('windowed', [row('W5', '1990-03-01')], february);
    expect([outside.status, outside.report.rejection[0]]).toEqual(['rejected', expect.stringContaining('the window to replace')]);
    const batch = await send('windowed', [row('W3', '1990-02-27', 9), row('W6', '1990-02-02')], february);
    expect(batch.report).toMatchObject({ acceptedCount: 2, duplicateCount: 0 });
    expect(await rowsOf('windowed')).toEqual(['W1 5 0', 'W3 9 0', 'W4 5 0', 'W6 5 0']);
    const version = await current('windowed');
    expect(version).toMatchObject({ changeKind: 'window', removedCount: 2, rowCount: 4 });
    expect(version.manifest.change).toMatchObject({ from: '1990-02-01T00:00:00.000Z', to: '1990-03-01T00:00:00.000Z' });
    // what left is not known any more, what stayed is
    expect((await send('windowed', [row('W2', '1990-02-01'), row('W1', '1990-01-08')])).report).toMatchObject({
      acceptedCount: 1,
      duplicateCount: 1,
    });
  });

  it('take corrections of records by their key; a correction that is refused leaves its record', async () => {
    await send('corrected', [row('C1', '1990-01-08'), row('C2', '1990-01-09'), row('C3', '1990-01-10')]);
    const batch = await send(
      'corrected',
      [row('C1', '1990-01-08', 5, 'Minor'), row('C2', '1990-01-09', 999), row('C4', '1990-01-11')],
      '&mode=correct',
    );
    expect(batch.report).toMatchObject({ acceptedCount: 2, quarantinedCount: 1, duplicateCount: 0 });
    expect(await rowsOf('corrected')).toEqual(['C1 5 1', 'C2 5 0', 'C3 5 0', 'C4 5 0']);
    expect(await current('corrected')).toMatchObject({ changeKind: 'correction', removedCount: 1, rowCount: 4 });
    expect((await send('corrected', [row('C2', '1990-01-09'), row('C3', '1990-01-10')])).report).toMatchObject({
      acceptedCount: 0,
      duplicateCount: 2,
    });
  });

  it('keep their records known where nothing of what should replace them is accepted', async () => {
    await send('untouched', [row('U1', '1990-01-08'), row('U2', '1990-02-01')]);
    const february = '&mode=window&from=1990-02-01T00:00:00Z&to=1990-03-01T00:00:00Z';
    const batch = await send('untouched', [row('U1', '1990-02-05')], february);
    expect(batch).toMatchObject({ status: 'validated', datasetVersion: null, report: { acceptedCount: 0, duplicateCount: 1 } });
    expect((await send('untouched', [row('U2', '1990-02-01')])).report).toMatchObject({ acceptedCount: 0, duplicateCount: 1 });
    expect(await rowsOf('untouched')).toEqual(['U1 5 0', 'U2 5 0']);
  });

  it('take a refused correction as a correction when it is sent again', async () => {
    await send('recorrected', [row('Q1', '1990-01-08'), row('Q2', '1990-01-09')]);
    const batch = await send('recorrected', [row('Q1', '1990-01-08', 999), row('Q2', '1990-01-09', 6)], '&mode=correct');
    const body = { rows: [1], set: { Speed: 9 }, reason: 'a slip of the pen' };
    const again = await ingestion.call('POST', `/v1/batches/${batch.batchId}/quarantine/resubmit`, { body });
    expect((await ingestion.decided(again.body.batchId)).report).toMatchObject({ acceptedCount: 1, duplicateCount: 0 });
    expect(await rowsOf('recorrected')).toEqual(['Q1 9 0', 'Q2 6 0']);
  });

  it('count the labels that corrections bring, not those that were there', async () => {
    const [table] = claimsContract.schema;
    const properties = table!.properties.map((property) => (property.name === 'damaged' ? { ...property, required: false } : property));
    await ingestion.call('POST', '/v1/contracts', { body: { ...claimsContract, name: 'unlabelled', schema: [{ ...table, properties }] } });
    const sendTo = (rows: string[], query = '') =>
      ingestion.send('labelled', 'unlabelled', `${[header, ...rows].join('\n')}\n`, 'text/csv', query);
    await sendTo([row('N1', '1990-01-08', 5, ''), row('N2', '1990-01-09', 5, 'Minor'), row('N3', '1990-01-10', 5, '')]);
    await sendTo([row('N1', '1990-01-08', 5, 'Minor'), row('N2', '1990-01-09', 5, 'None')], '&mode=correct');
    expect(await current('labelled')).toMatchObject({ labelledCount: 2, newLabelledCount: 1, removedCount: 2 });
  });

  it.each([
    ['mode=window', 'mode=window needs from and to'],
    ['from=1990-01-01T00:00:00Z', 'from and to belong to mode=window, not to mode=append'],
    ['mode=window&from=1990-01-02T00:00:00Z&to=1990-01-01T00:00:00Z', 'from must be before to'],
  ])('are not asked for by %s', async (query, detail) => {
    const { status, body } = await ingestion.call('POST', `/v1/datasets/unclear/batches?contract=claims&${query}`, { body: header });
    expect([status, body.code, body.detail]).toEqual([400, 'ingestion.publication_invalid', detail]);
  });

  it('have a lineage that OpenLineage tells', async () => {
    const batch = await send('told', [row('L1', '1990-01-08'), row('L2', '1990-01-09', 999)]);
    const { body } = await ingestion.call('GET', `/v1/batches/${batch.batchId}/lineage`);
    expect(body.items.map(({ eventType }: { eventType: string }) => eventType)).toEqual(['START', 'COMPLETE']);
    expect(body.items[1]).toMatchObject({
      run: { runId: batch.batchId },
      outputs: [
        {
          name: 'told',
          facets: { version: { datasetVersion: batch.datasetVersion } },
          outputFacets: { outputStatistics: { rowCount: 1 } },
        },
      ],
    });
  });

  it('have that lineage sent to where the settings say, also when the server there is down at first', async () => {
    lineage.setDown(true);
    const before = lineage.tries();
    const batch = await send('sent-on', [row('L3', '1990-01-08')]);
    await eventually(async () => lineage.tries() > before);
    lineage.setDown(false);
    const typesOf = () => lineage.events.filter(({ run }) => run.runId === batch.batchId).map(({ eventType }) => eventType);
    await eventually(async () => typesOf().length === 2);
    expect(typesOf().sort()).toEqual(['COMPLETE', 'START']);
    expect(lineage.keys).toEqual(new Set(['Bearer lineage-key']));
  });
});
