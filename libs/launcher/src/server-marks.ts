import { serviceNames } from '@bascule/contracts';
import { type JetStreamManager, StorageType } from '@nats-io/jetstream';
import type pg from 'pg';
import type { ServerFacts } from './claim.js';

/** Schemas of ours in a database: one for each service, and one that says whose they are. */
export const schemas: readonly string[] = [...serviceNames, 'bascule'];

const markStream = 'BASCULE_INSTALLATION';
const serviceStreams: readonly string[] = serviceNames.map((name) => name.toUpperCase());
const otherStreams = ['PREDICTIONS', 'JOBS', 'DEAD_LETTER', markStream];

/** Whether a stream of this name is ours, those below the key-value buckets among them. */
export function isOurStream(name: string): boolean {
  return serviceStreams.includes(name) || otherStreams.includes(name) || name.startsWith('KV_bascule_');
}

export interface DatabaseFacts extends ServerFacts {
  /** The data directory of the owner, and the machine it is on. */
  place: string | undefined;
}

/** Whose a database is. */
export async function readDatabaseFacts(client: pg.Client): Promise<DatabaseFacts> {
  const tables = serviceNames.map((name) => `${name}.migrations`);
  const { rows } = await client.query<{ marked: boolean; used: boolean }>(
    `SELECT to_regclass('bascule.installation') IS NOT NULL AS marked,
       EXISTS (SELECT FROM unnest($1::text[]) AS name WHERE to_regclass(name) IS NOT NULL) AS used`,
    [tables],
  );
  const { marked, used } = rows[0]!;
  if (!marked) return { owner: undefined, place: undefined, isUsed: used };
  const found = await client.query<{ id: string; place: string }>('SELECT id, place FROM bascule.installation');
  return { owner: found.rows[0]?.id, place: found.rows[0]?.place, isUsed: used };
}

/** Marks a database as that of an installation. */
export async function markDatabase(client: pg.Client, id: string, place: string): Promise<void> {
  await client.query('CREATE SCHEMA IF NOT EXISTS bascule');
  await client.query(
    'CREATE TABLE IF NOT EXISTS bascule.installation (one boolean PRIMARY KEY DEFAULT true CHECK (one), id text NOT NULL, place text NOT NULL)',
  );
  await client.query('INSERT INTO bascule.installation (id, place) VALUES ($1, $2) ON CONFLICT (one) DO NOTHING', [id, place]);
}

async function streamNames(manager: JetStreamManager): Promise<string[]> {
  const names: string[] = [];
  for await (const name of manager.streams.names()) names.push(name);
  return names;
}

/** Whose the streams of a NATS account are. */
export async function readNatsFacts(manager: JetStreamManager): Promise<ServerFacts> {
  const names = await streamNames(manager);
  const isUsed = names.some((name) => serviceStreams.includes(name));
  if (!names.includes(markStream)) return { owner: undefined, isUsed };
  return { owner: (await manager.streams.info(markStream)).config.description, isUsed };
}

/** Marks a NATS account as that of an installation; the stream holds no message, only its description counts. */
export async function markNats(manager: JetStreamManager, id: string): Promise<void> {
  await manager.streams.add({
    name: markStream,
    subjects: ['bascule.installation'],
    description: id,
    storage: StorageType.File,
    max_bytes: 1024,
  });
}

/** Removes our schemas; the roles stay, because other databases of the server may use them too. */
export async function dropSchemas(client: pg.Client): Promise<void> {
  await client.query(dropStatement);
}

/** What to type in psql to the same end. */
export const dropStatement = `DROP SCHEMA IF EXISTS ${schemas.join(', ')} CASCADE`;

/** Removes our streams and buckets, the mark last. */
export async function deleteStreams(manager: JetStreamManager): Promise<string[]> {
  const ours = (await streamNames(manager)).filter(isOurStream).sort((a, b) => Number(a === markStream) - Number(b === markStream));
  for (const name of ours) await manager.streams.delete(name);
  return ours;
}

/** What to type with the nats tool to the same end. */
export const deleteStatement = [
  ...serviceStreams,
  ...otherStreams,
  'KV_bascule_access',
  'KV_bascule_routing',
  'KV_bascule_control',
  'KV_bascule_gateways',
  'KV_bascule_usage',
  'KV_bascule_repeats',
]
  .map((name) => `nats stream rm -f ${name}`)
  .join('; ');
