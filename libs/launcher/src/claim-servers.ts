import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';
import { decideClaim } from './claim.js';
import { type DataDirectory, installationId } from './data-directory.js';
import { writePrivately } from './secrets-file.js';
import { deleteStatement, dropStatement, markDatabase, markNats, readDatabaseFacts, readNatsFacts } from './server-marks.js';
import { withDatabase, withStreams } from './server-sessions.js';
import { placeOf } from './server-urls.js';
import { typedCommand } from './typed-command.js';

const remembered = z.object({ databaseUrl: z.string().optional(), natsUrl: z.string().optional() });
export type RememberedServers = z.infer<typeof remembered>;

/** The data directory and the servers do not belong together; the message says what to do. */
export class ServerMismatch extends Error {}

/** The servers of the user's that this data directory is in use with. */
export function rememberedServers(directory: DataDirectory): RememberedServers {
  try {
    return remembered.parse(JSON.parse(readFileSync(directory.path('servers.json'), 'utf8')));
  } catch {
    return {};
  }
}

function remember(directory: DataDirectory, servers: RememberedServers): void {
  writePrivately(directory.path('servers.json'), { ...rememberedServers(directory), ...servers });
}

/** Stops a start that left out the servers this data directory is in use with: private ones would begin empty. */
export function requireSameServers(directory: DataDirectory, named: RememberedServers): void {
  const before = rememberedServers(directory);
  for (const [variable, was, is] of [
    ['DATABASE_URL', before.databaseUrl, named.databaseUrl],
    ['NATS_URL', before.natsUrl, named.natsUrl],
  ] as const) {
    if (was === undefined || is !== undefined) continue;
    throw new ServerMismatch(
      `${directory.dir} is in use with your server ${placeOf(was)}, and ${variable} is not set. Set it, name another folder with --data DIR, or remove everything: ${typedCommand('reset', directory.dir)}`,
    );
  }
}

// governance makes its key at the first start, after its schema
const isUsed = (directory: DataDirectory) => existsSync(directory.path('signing-key.pem'));

/** Marks the user's database as ours. @throws ServerMismatch when it is another's, or this directory has another one */
export async function claimDatabase(directory: DataDirectory, databaseUrl: string): Promise<void> {
  const id = installationId(directory);
  await withDatabase(databaseUrl, async (client) => {
    const facts = await readDatabaseFacts(client);
    const claim = decideClaim(facts, { installation: id, isUsed: isUsed(directory) });
    if (claim === 'foreign') {
      const owner = facts.place === undefined ? 'another data directory' : `the data directory ${facts.place}`;
      throw new ServerMismatch(
        `DATABASE_URL: the database ${placeOf(databaseUrl)} belongs to ${owner}, not to ${directory.dir}. ` +
          `Name that one with --data DIR, use another database, or give up what is in it by typing in psql: ${dropStatement};`,
      );
    }
    if (claim === 'other-server') {
      throw new ServerMismatch(
        `DATABASE_URL: the database ${placeOf(databaseUrl)} is empty, and ${directory.dir} holds the models and keys of another one. ` +
          `Use that one, name another folder with --data DIR, or remove everything: ${typedCommand('reset', directory.dir)}`,
      );
    }
    if (claim === 'free') await markDatabase(client, id, `${directory.dir} on ${hostname()}`);
  });
  remember(directory, { databaseUrl });
}

/** Marks the user's NATS account as ours; an empty one will do at any time, events are sent again. @throws ServerMismatch */
export async function claimNats(directory: DataDirectory, natsUrl: string): Promise<void> {
  const id = installationId(directory);
  await withStreams(natsUrl, async (manager) => {
    const claim = decideClaim(await readNatsFacts(manager), { installation: id, isUsed: isUsed(directory) });
    if (claim === 'free' || claim === 'other-server') await markNats(manager, id);
    return claim;
  }).then((claim) => {
    if (claim !== 'foreign') return;
    throw new ServerMismatch(
      `NATS_URL: the streams on ${placeOf(natsUrl)} belong to another data directory, not to ${directory.dir}. ` +
        `Name that one with --data DIR, use another account, or give up what is in them by typing: ${deleteStatement}`,
    );
  });
  remember(directory, { natsUrl });
}

/** The log of an audit is worth nothing once its key is gone: a start must not make a new one beside it. */
export async function requireSigningKey(directory: DataDirectory, ownerUrl: string): Promise<void> {
  const file = directory.path('signing-key.pem');
  if (existsSync(file)) return;
  await withDatabase(ownerUrl, async (client) => {
    const { rows } = await client.query<{ found: boolean }>("SELECT to_regclass('governance.checkpoints') IS NOT NULL AS found");
    if (!rows[0]!.found) return;
    const { rowCount } = await client.query('SELECT FROM governance.checkpoints LIMIT 1');
    if (!rowCount) return;
    throw new ServerMismatch(
      `the key that signed the audit log is gone, and a new one could not vouch for it. Put it back as ${file}, or begin anew: ${typedCommand('reset', directory.dir)}`,
    );
  });
}
