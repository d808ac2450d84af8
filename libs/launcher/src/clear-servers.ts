import { type RememberedServers, rememberedServers } from './claim-servers.js';
import { type DataDirectory, installationId } from './data-directory.js';
import { deleteStatement, deleteStreams, dropSchemas, dropStatement, readDatabaseFacts, readNatsFacts } from './server-marks.js';
import { withDatabase, withStreams } from './server-sessions.js';
import { placeOf } from './server-urls.js';

/** What a reset takes from the servers of the user's, as lines to show before it is done. */
export function plannedRemovals({ databaseUrl, natsUrl }: RememberedServers): string[] {
  return [
    ...(databaseUrl === undefined ? [] : [`the schemas of Bascule in your database ${placeOf(databaseUrl)} (the roles stay)`]),
    ...(natsUrl === undefined ? [] : [`the streams and buckets of Bascule on your NATS server ${placeOf(natsUrl)}`]),
  ];
}

/** Statements that do by hand what `clearServers` does. */
export function removalStatements({ databaseUrl, natsUrl }: RememberedServers): string[] {
  return [
    ...(databaseUrl === undefined ? [] : [`in psql at ${placeOf(databaseUrl)}: ${dropStatement};`]),
    ...(natsUrl === undefined ? [] : [`with the nats tool at ${placeOf(natsUrl)}: ${deleteStatement}`]),
  ];
}

/** What became of each server of the user's. */
export interface Cleared {
  cleared: string[];
  /** Not marked as those of this directory. */
  leftAlone: string[];
}

/** Removes what is ours from the servers of the user's: nothing unless both can be reached. */
export async function clearServers(directory: DataDirectory): Promise<Cleared> {
  const { databaseUrl, natsUrl } = rememberedServers(directory);
  const id = installationId(directory);
  const databaseOwner = databaseUrl === undefined ? undefined : (await withDatabase(databaseUrl, readDatabaseFacts)).owner;
  const natsOwner = natsUrl === undefined ? undefined : (await withStreams(natsUrl, readNatsFacts)).owner;
  const outcome: Cleared = { cleared: [], leftAlone: [] };
  if (databaseUrl !== undefined) {
    if (databaseOwner === id) await withDatabase(databaseUrl, dropSchemas);
    outcome[databaseOwner === id ? 'cleared' : 'leftAlone'].push(`the database ${placeOf(databaseUrl)}`);
  }
  if (natsUrl !== undefined) {
    if (natsOwner === id) await withStreams(natsUrl, deleteStreams);
    outcome[natsOwner === id ? 'cleared' : 'leftAlone'].push(`the NATS server ${placeOf(natsUrl)}`);
  }
  return outcome;
}
