import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder, testNats, testPostgres } from '@bascule/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimDatabase, claimNats, rememberedServers, requireSameServers, requireSigningKey } from '../src/claim-servers.js';
import { clearServers } from '../src/clear-servers.js';
import { type DataDirectory, openDataDirectory, removeDataDirectory } from '../src/data-directory.js';
import { withDatabase, withStreams } from '../src/server-sessions.js';

const made: DataDirectory[] = [];
const stops: (() => Promise<unknown>)[] = [];
let databaseUrl: string;
let natsUrl: string;

beforeAll(async () => {
  const postgres = await testPostgres();
  stops.push(postgres.stop);
  databaseUrl = postgres.url;
  const nats = await testNats();
  stops.push(nats.stop);
  natsUrl = nats.url;
});
afterAll(async () => {
  for (const directory of made) removeDataDirectory(directory);
  for (const stop of stops.reverse()) await stop();
});

function open(): DataDirectory {
  const directory = openDataDirectory(join(temporaryFolder('own-servers'), '.bascule'));
  made.push(directory);
  return directory;
}

const query = (text: string) => withDatabase(databaseUrl, (client: pg.Client) => client.query(text));

/** Leaves what a first start leaves: a migrated schema, streams, a bucket, and the key. */
async function use(directory: DataDirectory): Promise<void> {
  await claimDatabase(directory, databaseUrl);
  await claimNats(directory, natsUrl);
  await query('CREATE SCHEMA governance; CREATE TABLE governance.migrations (); CREATE TABLE governance.checkpoints (size int)');
  await query('INSERT INTO governance.checkpoints VALUES (1)');
  await withStreams(natsUrl, async (manager) => {
    for (const name of ['GOVERNANCE', 'KV_bascule_access', 'YOURS']) await manager.streams.add({ name, subjects: [`x.${name}`] });
  });
  writeFileSync(directory.path('signing-key.pem'), 'key');
}

describe('your own servers', () => {
  it('belong to one data directory until it is reset', async () => {
    const first = open();
    await use(first);
    await claimDatabase(first, databaseUrl); // the next start
    await claimNats(first, natsUrl);
    expect(rememberedServers(first)).toEqual({ databaseUrl, natsUrl });

    const second = open();
    await expect(claimDatabase(second, databaseUrl)).rejects.toThrow(`belongs to the data directory ${first.dir} on `);
    await expect(claimNats(second, natsUrl)).rejects.toThrow('belong to another data directory');
    expect(rememberedServers(second)).toEqual({});
    expect(() => requireSameServers(first, { natsUrl })).toThrow('DATABASE_URL is not set');
    expect(() => requireSameServers(second, {})).not.toThrow();

    expect(await clearServers(first)).toMatchObject({ cleared: [expect.stringContaining('database'), expect.stringContaining('NATS')] });
    const { rows } = await query("SELECT nspname FROM pg_namespace WHERE nspname IN ('governance', 'bascule')");
    expect(rows).toEqual([]);
    const left = await withStreams(natsUrl, async (manager) => (await manager.streams.list().next()).map(({ config }) => config.name));
    expect(left).toEqual(['YOURS']);
    await claimDatabase(second, databaseUrl);
    await claimNats(second, natsUrl);
  });

  it('are left alone by the reset of a directory they are not marked with', async () => {
    const other = open();
    writeFileSync(other.path('servers.json'), JSON.stringify({ databaseUrl, natsUrl }));
    expect(await clearServers(other)).toMatchObject({ cleared: [], leftAlone: [expect.any(String), expect.any(String)] });
    expect((await query('SELECT id FROM bascule.installation')).rowCount).toBe(1);
  });

  it('are refused when empty while the directory holds the keys of another database', async () => {
    await query('DROP SCHEMA IF EXISTS bascule CASCADE');
    const directory = open();
    mkdirSync(directory.state, { recursive: true });
    writeFileSync(directory.path('signing-key.pem'), 'key');
    await expect(claimDatabase(directory, databaseUrl)).rejects.toThrow('is empty');
  });
});

it('makes no new signing key beside a log that was signed with another', async () => {
  const directory = open();
  await requireSigningKey(directory, databaseUrl); // nothing is there
  await query('CREATE SCHEMA governance; CREATE TABLE governance.checkpoints (size int)');
  await requireSigningKey(directory, databaseUrl); // nothing is signed
  await query('INSERT INTO governance.checkpoints VALUES (1)');
  await expect(requireSigningKey(directory, databaseUrl)).rejects.toThrow('the key that signed the audit log is gone');
  writeFileSync(directory.path('signing-key.pem'), 'key');
  await expect(requireSigningKey(directory, databaseUrl)).resolves.toBeUndefined();
});
