import { batchReceived } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { newId } from '@bascule/platform';
import { eventually } from '@bascule/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BatchEntity } from '../src/batches/batch.entity.js';
import { KnownKeys } from '../src/validation/known-keys.queries.js';
import { ValidationService } from '../src/validation/validation.service.js';
import { claimsContract, header, startIngestion } from './start-ingestion.js';

describe('two replicas', () => {
  let ingestion: Awaited<ReturnType<typeof startIngestion>>;
  beforeAll(async () => {
    ingestion = await startIngestion();
    await ingestion.startReplica();
    await ingestion.call('POST', '/v1/contracts', { body: claimsContract });
  });
  afterAll(() => ingestion.stop());

  const batch = (name: string, rows = 20) =>
    [header, ...Array.from({ length: rows }, (_, i) => `${name}-${i},1990-01-08,Small,${i % 600},None`)].join('\n');

  it('lose no part when batches of one dataset come at once', async () => {
    const sent = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        ingestion.call('POST', '/v1/datasets/claims/batches?contract=claims', {
          body: batch(`b${i}`),
          replica: ingestion.replicas[i % 2]!,
        }),
      ),
    );
    await Promise.all(sent.map(({ body }) => ingestion.decided(body.batchId)));
    const { body: dataset } = await ingestion.call('GET', '/v1/datasets/claims');
    const { body: version } = await ingestion.call('GET', `/v1/datasets/claims/versions/${dataset.currentVersion}`);
    expect(version).toMatchObject({ sequence: 8, rowCount: 160 });
    expect(new Set(version.manifest.parts.map(({ batchId }: { batchId: string }) => batchId)).size).toBe(8);
    const { body: page } = await ingestion.call('GET', '/v1/datasets/claims/versions?limit=3');
    expect(page.items.map(({ sequence }: { sequence: number }) => sequence)).toEqual([8, 7, 6]);
    const published = await eventually(async () => {
      const events = await ingestion.events('ingestion.dataset.published.v1');
      return events.length === 8 && events;
    });
    // between them a version may have got its profile, which is an event of the dataset as well
    const positions = published.map(({ entityversion }) => entityversion);
    expect(positions).toEqual([...new Set(positions)].sort((a, b) => a! - b!));
  });

  it('take a record once when two batches carry it at once', async () => {
    const sent = await Promise.all(
      [0, 1].map((i) =>
        ingestion.call('POST', '/v1/datasets/twice/batches?contract=claims&repeat=true', {
          body: batch('same'),
          replica: ingestion.replicas[i]!,
        }),
      ),
    );
    const decided = await Promise.all(sent.map(({ body }) => ingestion.decided(body.batchId)));
    expect(decided.map(({ report }) => report.acceptedCount).sort((a, b) => a - b)).toEqual([0, 20]);
  });

  it('decide a batch once when its event comes again', async () => {
    const decided = await ingestion.send('again', 'claims', batch('x', 3));
    const [original] = (await ingestion.events('ingestion.batch.received.v1')).filter(({ data }) => data.batchId === decided.batchId);
    await ingestion.publisher.publishEvent({ definition: batchReceived, data: original!.data });
    const after = await ingestion.send('again', 'claims', batch('y', 1));
    const { body } = await ingestion.call('GET', `/v1/datasets/again/versions/${after.datasetVersion}`);
    expect(body).toMatchObject({ sequence: 2, rowCount: 4 });
  });

  it('carry on after a restart with what was received before', async () => {
    const [first, second] = ingestion.replicas;
    const sent = await ingestion.call('POST', '/v1/datasets/restart/batches?contract=claims', { body: batch('r', 5000) });
    await Promise.all([first!.close(), second!.close()]);
    ingestion.replicas.length = 0;
    await ingestion.startReplica();
    // a message on its way to a replica that has just gone comes again after the ack time of 30 s
    expect(await ingestion.decided(sent.body.batchId)).toMatchObject({ status: 'validated', report: { acceptedCount: 5000 } });
  });

  it('hold up no batch of another dataset, and keep the order of their own', async () => {
    await ingestion.send('slow', 'claims', batch('s0'));
    const owner = new pg.Client({ connectionString: ingestion.ownerUrl });
    await owner.connect();
    // stands for a batch that takes its time
    await owner.query('begin');
    await owner.query(`select 1 from ingestion.datasets where name = 'slow' for no key update`);
    const sent: string[] = [];
    for (const name of ['s1', 's2', 's3']) {
      const { body } = await ingestion.call('POST', '/v1/datasets/slow/batches?contract=claims', { body: batch(name) });
      sent.push(body.batchId);
    }
    expect(await ingestion.send('quick', 'claims', batch('q'))).toMatchObject({ status: 'validated', report: { acceptedCount: 20 } });
    expect((await ingestion.call('GET', `/v1/batches/${sent[0]}`)).body.status).toBe('received');
    await owner.query('commit');
    await owner.end();
    await Promise.all(sent.map((id) => ingestion.decided(id)));
    const { items } = (await ingestion.call('GET', '/v1/datasets/slow/versions')).body;
    expect(items.slice(0, 3).map(({ batchId }: { batchId: string }) => batchId)).toEqual([...sent].reverse());
  });

  it('look keys of a batch up without reading all that the dataset has, whatever the statistics know', async () => {
    const { app } = ingestion.replicas.at(-1)!;
    const owner = new pg.Client({ connectionString: ingestion.ownerUrl });
    await owner.connect();
    // statistics from before the dataset had its first record
    await owner.query(`insert into ingestion.dataset_keys select 'elder', decode(md5(i::text), 'hex') from generate_series(1, 20000) as i`);
    await owner.query('alter table ingestion.dataset_keys set (autovacuum_enabled = false)');
    await owner.query('analyze ingestion.dataset_keys');
    await owner.end();
    const digests = Array.from({ length: 20_000 }, (_, i) => i.toString(16).padStart(32, '0'));
    const { found, reads } = await app.get(Transactions).run(async (manager) => {
      const read = async () => {
        const [row] = await manager.query(
          `select coalesce(sum(pg_stat_get_xact_tuples_returned(id)), 0)::int as count
           from unnest(array['dataset_keys'::regclass, 'dataset_keys_pkey'::regclass]) as id`,
        );
        return row.count as number;
      };
      const keys = app.get(KnownKeys);
      await keys.add('young', digests);
      const before = await read();
      const known = await keys.among('young', [...digests.slice(0, 500), ...digests.slice(0, 500).map((digest) => `f${digest.slice(1)}`)]);
      return { found: known.size, reads: (await read()) - before };
    });
    expect(found).toBe(500);
    expect(reads).toBeLessThan(2000);
  });

  it('give up a batch that has ended its process three times at one place, with the reason, and no other', async () => {
    const { app } = ingestion.replicas.at(-1)!;
    const { manager } = app.get(Transactions);
    const decided = await ingestion.send('deadly', 'claims', batch('d', 3));
    const { batchId, datasetVersion, ...facts } = decided;
    // as processes that died at it leave a batch behind
    const validated = async (starts: number, place: number, diedAt: number, deathsThere: number) => {
      const id = newId();
      const left = { ...facts, id, status: 'received', report: null, datasetVersion: null, receivedAt: new Date(), decidedAt: null };
      await manager.insert(BatchEntity, left);
      const row = [id, starts, place, diedAt, deathsThere];
      await manager.query(
        'insert into validation_starts (batch_id, starts, place, died_at, deaths_there) values ($1, $2, $3, $4, $5)',
        row,
      );
      await app.get(ValidationService).validate(id);
      return ingestion.decided(id);
    };
    expect((await validated(3, 2000, 1000, 2)).status).toBe('validated');
    expect((await validated(11, 2000, 1000, 1)).status).toBe('validated');
    expect((await validated(12, 2000, 1000, 1)).report.rejection).toEqual([expect.stringContaining('12 times and was given up')]);
    const { batchId: id, report } = await validated(3, 1000, 1000, 2);
    expect(report.rejection).toEqual([
      'validation ended with its process 3 times at the same place (after 1000 records) and was given up; send the records in smaller batches',
    ]);
    await eventually(async () => (await ingestion.events('ingestion.batch.rejected.v1')).some(({ data }) => data.batchId === id));
    await eventually(async () => (await manager.query('select 1 from validation_starts')).length === 0);
  });
});
