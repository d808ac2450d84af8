import { Transactions } from '@bascule/database';
import { testDatabase } from '@bascule/testing';
import type { DataSource, EntityManager } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AliasesService } from '../src/aliases/aliases.service.js';
import { entities } from '../src/entities.js';
import { migrations } from '../src/migrations/index.js';
import { VersionsService } from '../src/versions/versions.service.js';
import { openTestSource } from './open-test-source.js';

const count = 100_000;
const digest = 'ab'.repeat(32);
const credential = { keyId: 'k', identity: 'sam', roles: [], models: ['claims-*'], datasets: [] } as never;

let database: Awaited<ReturnType<typeof testDatabase>>;
let source: DataSource;
let seen: { sql: string; values: unknown[] }[] = [];

beforeAll(async () => {
  database = await testDatabase('registry', migrations);
  source = await openTestSource(database.url, entities, (sql, values) => seen.push({ sql, values }));
  await fill(source.manager);
});
afterAll(async () => {
  await source?.destroy();
  await database?.stop();
});

async function fill(manager: EntityManager): Promise<void> {
  await manager.query(
    "insert into models (name, title, latest_version, created_at) select 'claims-' || n, 'n', 1, now() from generate_series(0, 999) n",
  );
  await manager.query(
    `insert into versions (model_name, version, registered_by, stage, artifact_digest, artifact_size_bytes, dataset_version, signature, metrics,
       params, created_at, source, tags)
     select 'claims-' || n % 10, 1 + n / 10, 'sam', case when n % 5000 = 0 then 'production' else 'candidate' end,
       md5(n::text) || md5(n::text), 1, $2::text, '{}', '{}', '{}', now(), case when n % 3000 = 0 then 'import' else 'run' end,
       jsonb_build_object('batch', (n / 100)::text) from generate_series(0, $1::int - 1) n`,
    [count, digest],
  );
  await manager.query(
    `insert into alias_moves (move_id, model_name, environment, alias, version, from_at, to_at, rollout_id)
     select gen_random_uuid(), 'claims-1', 'production', 'champion', 1 + n, now() - interval '1 day' + n * interval '1 second',
       now() - interval '1 day' + (n + 1) * interval '1 second', gen_random_uuid() from generate_series(0, 9999) n`,
  );
  await manager.query('analyze');
}

async function plansOf(work: () => Promise<unknown>): Promise<string> {
  seen = [];
  await work();
  const asked = [...seen];
  const plans = await Promise.all(asked.map(({ sql, values }) => source.manager.query(`explain ${sql}`, values)));
  return plans
    .flat()
    .map((row) => Object.values(row as object)[0])
    .join('\n');
}

describe(`lists over ${count} versions`, () => {
  const page = { limit: 50 };
  const versions = () => new VersionsService(new Transactions(source), undefined as never);

  it.each([
    ['of one model', () => versions().list('claims-1', page)],
    ['of all models', () => versions().search(credential, page)],
    ['deep inside', () => versions().search(credential, { ...page, cursor: Buffer.from('"50000"').toString('base64url') })],
    ['by tag', () => versions().search(credential, { ...page, tag: 'batch:77' })],
    ['by stage', () => versions().search(credential, { ...page, stage: 'production' })],
    ['by source', () => versions().search(credential, { ...page, source: 'import' })],
    ['by artifact', () => versions().search(credential, { ...page, artifactDigest: digest })],
    ['by dataset', () => versions().search(credential, { ...page, datasetVersion: digest })],
    [
      'of alias history at a time',
      () =>
        new AliasesService(new Transactions(source), undefined as never).at(
          { modelName: 'claims-1', environment: 'production', alias: 'champion' },
          new Date(Date.now() - 80_000_000),
        ),
    ],
  ] as const)('%s use an index', async (_, work) => {
    const plans = await plansOf(work);
    expect(plans).toContain('Index');
    expect(plans).not.toContain('Seq Scan');
  });
});
