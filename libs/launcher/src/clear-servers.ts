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

/** Removes what is ours from the servers of the user's: nothing unless both can be reached. Answers what was left alone. */
export async function clearServers(directory: DataDirectory): Promise<string[]> {
  const { databaseUrl, natsUrl } = rememberedServers(directory);
  const id = installationId(directory);
  const isOurs = (owner: string | undefined) => owner === id;
  const foreign: string[] = [];
  const ofDatabase = databaseUrl === undefined ? undefined : await withDatabase(databaseUrl, readDatabaseFacts);
  const ofNats = natsUrl === undefined ? undefined : await withStreams(natsUrl, readNatsFacts);
  if (databaseUrl !== undefined) {
    if (isOurs(ofDatabase?.owner)) await withDatabase(databaseUrl, dropSchemas);
    else foreign.push(`the database ${placeOf(databaseUrl)}`);
  }
  if (natsUrl !== undefined) {
    if (isOurs(ofNats?.owner)) await withStreams(natsUrl, deleteStreams);
    else foreign.push(`the NATS server ${placeOf(natsUrl)}`);
  }
  return foreign;
}
