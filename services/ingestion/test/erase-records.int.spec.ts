import { Transactions } from '@bascule/database';
import { ObjectStore } from '@bascule/storage';
import { eventually, openStops } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ObjectHolds } from '../src/datasets/object-holds.service.js';
import { Leftovers } from '../src/erasures/leftovers.queries.js';
import { isPartOf } from '../src/publication/content-root.js';
import { claimsContract, header, startIngestion } from './start-ingestion.js';

const table = (...rows: string[]) => `${[header, ...rows].join('\n')}\n`;
const row = (claim: string, speed: number | string = 5) => `${claim},1990-01-08,Small,${speed},None`;

describe("a person's records", () => {
  let ingestion: Awaited<ReturnType<typeof startIngestion>>;
  let admin = '';
  beforeAll(async () => {
    ingestion = await startIngestion({ ERASED_PARTS_HOURS: '0', ERASURES_INTERVAL_MS: '100', PROFILES_INTERVAL_MS: '100' });
    await ingestion.call('POST', '/v1/contracts', { body: claimsContract });
    admin = await ingestion.keyFor('admin');
  });
  afterAll(() => ingestion.stop());

  const erase = (dataset: string, values: string[], column = 'claim', key = admin) =>
    ingestion.call('POST', `/v1/datasets/${dataset}/erasures`, { body: { column, values, reason: 'asked for by the person' }, key });
  const versions = async (dataset: string) => (await ingestion.call('GET', `/v1/datasets/${dataset}/versions`)).body.items;
  const detail = async (dataset: string, version: string) =>
    (await ingestion.call('GET', `/v1/datasets/${dataset}/versions/${version}`)).body;
  const rows = (dataset: string, version: string) =>
    fetch(new URL(`/v1/datasets/${dataset}/versions/${version}/rows?format=csv`, ingestion.replicas.at(-1)!.url), {
      headers: { authorization: `Bearer ${admin}` },
    }).then((response) => response.text());
  const isRemoved = (dataset: string) =>
    eventually(async () => {
      const { items } = (await ingestion.call('GET', `/v1/datasets/${dataset}/erasures`, { key: admin })).body;
      return items[0].removedAt !== null && items[0];
    });

  it('are gone from the next version, from quarantine and, by retention, from what older versions are made of', async () => {
    const { batchId } = await ingestion.send('erased', 'claims', table(row('E1'), row('E2'), row('E2', 999), row('E3', 999)));
    await ingestion.send('erased', 'claims', table(row('E4')));
    const [second, first] = await versions('erased');
    const before = await detail('erased', second.version);
    const { status, body } = await erase('erased', ['E2']);
    expect([status, body]).toMatchObject([
      201,
      { removedCount: 1, otherCount: 1, column: 'claim', affectedVersions: [first.version, second.version], erasedBy: 'admin-1' },
    ]);
    const after = await detail('erased', body.datasetVersion);
    expect(after).toMatchObject({ sequence: 3, changeKind: 'erasure', removedCount: 1, rowCount: 2, batchId: null });
    // the part without the person stays what it was
    expect(after.manifest.parts[1]).toEqual(before.manifest.parts[1]);
    expect(await rows('erased', body.datasetVersion)).not.toContain('E2');
    const quarantine = (await ingestion.call('GET', `/v1/batches/${batchId}/quarantine`)).body;
    expect(JSON.stringify(quarantine)).not.toContain('E2');
    expect(quarantine.items.map(({ status }: { status: string }) => status)).toEqual(['discarded', 'waiting']);

    await isRemoved('erased');
    const gone = before.manifest.parts[0];
    const proof = (await ingestion.call('GET', `/v1/datasets/erased/versions/${second.version}/parts/${gone.digest}/proof`)).body;
    expect(proof.isStored).toBe(false);
    expect(isPartOf(before.contentRoot, gone, proof)).toBe(true);
    expect((await rows('erased', body.datasetVersion)).split('\n')).toHaveLength(4);
    const sent = (await ingestion.call('GET', `/v1/batches/${batchId}`)).body;
    const { LocalStore } = await import('@bascule/storage');
    expect(await new LocalStore(ingestion.env.OBJECT_ROOT).has(sent.contentDigest)).toBe(false);
  });

  it('leave a record that names nobody, and an event', async () => {
    const [event] = await eventually(async () => {
      const found = (await ingestion.events('ingestion.records.erased.v1')).filter(({ data }) => data.datasetName === 'erased');
      return found.length > 0 && found;
    });
    expect(event!.data).toMatchObject({ column: 'claim', removedCount: 1, reason: 'asked for by the person' });
    expect(JSON.stringify(event)).not.toContain('E2');
    const auditor = await ingestion.keyFor('auditor');
    const listed = await ingestion.call('GET', '/v1/datasets/erased/erasures', { key: auditor });
    expect([listed.status, listed.body.items.length]).toEqual([200, 1]);
    expect((await ingestion.call('GET', '/v1/datasets/erased/erasures')).status).toBe(403);
  });

  it('are gone from quarantine also where spaces stand around the value', async () => {
    const { batchId } = await ingestion.send('spaced', 'claims', table(row('P1'), row(' P2 ', 999)));
    expect((await erase('spaced', ['P2'])).body).toMatchObject({ removedCount: 0, otherCount: 1 });
    expect(JSON.stringify((await ingestion.call('GET', `/v1/batches/${batchId}/quarantine`)).body)).not.toContain('P2');
  });

  it('are gone where they could not be read, from rejected batches and from duplicates that nobody sees', async () => {
    const { contentDigest, batchId } = await ingestion.send(
      'unread',
      'claims',
      table(row('U1'), 'U2,1990-01-08', 'U21,1990-01-08', row('U3'), row('U4')),
    );
    const rejected = await ingestion.send('unread', 'claims', table(row('U2'), row('U5', 900), row('U6', 900), row('U7', 900)));
    const many = Array.from({ length: 1002 }, (_, i) => row(`D${i}`));
    await ingestion.send('unread', 'claims', table(...many, row('U8')));
    const again = await ingestion.send('unread', 'claims', table(...many, row('U8'), row('U9')));
    const kept = await ingestion.send('unread', 'claims', table(row('K1'), row('K2', 900)));
    expect([rejected.status, again.report.balance.dropped]).toEqual(['rejected', 1003]);

    expect((await erase('unread', ['U2', 'U8'])).body).toMatchObject({ removedCount: 1, otherCount: 1 });
    const { items } = (await ingestion.call('GET', `/v1/batches/${batchId}/quarantine`)).body;
    expect(items.map(({ status, record }: { status: string; record: unknown }) => [status, record])).toEqual([
      ['discarded', {}],
      ['waiting', { raw: 'U21,1990-01-08' }],
    ]);
    await isRemoved('unread');
    const store = ingestion.replicas.at(-1)!.app.get(ObjectStore);
    const stored = await Promise.all(
      [contentDigest, rejected.contentDigest, again.contentDigest, kept.contentDigest].map((digest) => store.has(digest)),
    );
    expect(stored).toEqual([false, false, false, true]);
  });

  it('are not removed under the hands of whoever sends the same again', async () => {
    const { app } = ingestion.replicas.at(-1)!;
    const [holds, transactions, store] = [app.get(ObjectHolds), app.get(Transactions), app.get(ObjectStore)];
    const { digest } = await store.put(Buffer.from('sent again'));
    const inUse = new Set<string>();
    const held = Promise.withResolvers<void>();
    const removal = held.promise.then(() => holds.remove([digest], async () => inUse));
    await transactions.run(async (manager) => {
      await holds.hold([digest]);
      held.resolve();
      const waits = () =>
        manager.query(
          `select 1 from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())`,
        ) as Promise<unknown[]>;
      await eventually(async () => (await waits()).length > 0);
      inUse.add(digest);
    });
    expect([await removal, await store.has(digest)]).toEqual([0, true]);
    inUse.clear();
    expect([await holds.remove([digest], async () => inUse), await store.has(digest)]).toEqual([1, false]);
    await expect(transactions.run(() => holds.hold([digest]))).rejects.toMatchObject({ code: 'ingestion.content_removed' });
  });

  it('leave the log of the same repairs to a batch that is about to be decided', async () => {
    const [schema] = claimsContract.schema;
    const [claim, ...others] = schema!.properties;
    const trimmed = { ...claim, customProperties: [...claim!.customProperties, { property: 'repairs', value: { trim: true } }] };
    const mended = { ...claimsContract, name: 'mended', schema: [{ ...schema, name: 'mended', properties: [trimmed, ...others] }] };
    await ingestion.call('POST', '/v1/contracts', { body: mended });
    const content = table(row(' L1 '));
    const { digest } = (await ingestion.send('mended-1', 'mended', content)).report.repairs;
    const { app } = ingestion.replicas.at(-1)!;
    const [holds, leftovers, transactions, store] = [app.get(ObjectHolds), app.get(Leftovers), app.get(Transactions), app.get(ObjectStore)];
    const stops = await openStops(ingestion.ownerUrl, 'ingestion', ['batch_profiles']);
    try {
      await stops.arm({ table: 'batch_profiles', on: 'insert', row: { dataset_name: 'mended-2' } });
      const { body } = await ingestion.call('POST', '/v1/datasets/mended-2/batches?contract=mended', { body: content });
      await stops.reached();
      let isOver = false;
      const removal = holds
        .remove([digest], (digests) => leftovers.neededContents('mended-1', new Date(), digests))
        .finally(() => {
          isOver = true;
        });
      const waiting = () =>
        transactions.manager.query(
          `select 1 from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())`,
        ) as Promise<unknown[]>;
      await eventually(async () => isOver || (await waiting()).length > 1);
      await stops.release();
      expect((await ingestion.decided(body.batchId)).report.repairs.digest).toBe(digest);
      expect([await removal, await store.has(digest)]).toEqual([0, true]);
    } finally {
      await stops.stop();
    }
  });

  it('that are sent again after they were erased stay, with what they were sent as', async () => {
    const content = table(row('R1'), row('R2'));
    await ingestion.send('returned', 'claims', content);
    const { body } = await erase('returned', ['R2']);
    const again = await ingestion.send('returned', 'claims', content, 'text/csv', '&repeat=true');
    expect([body.removedCount, again.report.acceptedCount]).toEqual([1, 1]);
    await isRemoved('returned');
    const [{ version }] = await versions('returned');
    expect(await rows('returned', version)).toContain('R2');
    expect(await ingestion.replicas.at(-1)!.app.get(ObjectStore).has(again.contentDigest)).toBe(true);
  });

  it('leave a version under the contract it was made under, though there is a newer one', async () => {
    const [schema] = claimsContract.schema;
    const older = { ...claimsContract, name: 'older' };
    await ingestion.call('POST', '/v1/contracts', { body: older });
    await ingestion.send('older', 'older', table(row('O1'), row('O2')));
    const [{ version }] = await versions('older');
    const before = await detail('older', version);
    const properties = [...schema!.properties, { name: 'note', physicalName: 'Note', logicalType: 'string' }];
    const newer = { ...older, version: '1.1.0', schema: [{ ...schema, properties }] };
    expect((await ingestion.call('POST', '/v1/contracts', { body: newer })).body.version).toBe(2);
    const { manifest } = await detail('older', (await erase('older', ['O2'])).body.datasetVersion);
    expect(manifest).toMatchObject({ contractVersion: 1, columns: before.manifest.columns, rowCount: 1 });
  });

  it('may be all there are: the next version is empty, and takes records again', async () => {
    await ingestion.send('emptied', 'claims', table(row('X1'), row('X2')));
    const { body } = await erase('emptied', ['X1', 'X2']);
    expect(await detail('emptied', body.datasetVersion)).toMatchObject({ rowCount: 0, removedCount: 2 });
    expect((await ingestion.send('emptied', 'claims', table(row('X3')))).report.acceptedCount).toBe(1);
  });

  it('are asked for by nobody but admins, by a column that there is', async () => {
    await ingestion.send('guarded', 'claims', table(row('G1')));
    expect((await erase('guarded', ['G1'], 'claim', await ingestion.keyFor('scientist'))).status).toBe(403);
    expect((await erase('guarded', ['G1'], 'passport')).body.code).toBe('ingestion.erasure_invalid');
    expect((await erase('guarded', ['0'], 'damaged')).body.code).toBe('ingestion.erasure_invalid');
    const { body } = await erase('guarded', ['unknown']);
    expect(body).toMatchObject({ removedCount: 0, otherCount: 0, datasetVersion: null, affectedVersions: [] });
    expect(await versions('guarded')).toHaveLength(1);
  });

  it('that another dataset has as well stay there', async () => {
    for (const dataset of ['shared-1', 'shared-2']) await ingestion.send(dataset, 'claims', table(row('S1'), row('S2')));
    await erase('shared-1', ['S1']);
    await isRemoved('shared-1');
    const [{ version }] = await versions('shared-2');
    expect(await rows('shared-2', version)).toContain('S1');
  });
});
