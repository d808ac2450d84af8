import { jetstreamManager, StorageType } from '@nats-io/jetstream';
import { type ConnectionOptions, connect } from '@nats-io/transport-node';
import pg from 'pg';

/** Connection options of a NATS URL; the client itself ignores user and password in it. */
export function natsOptions(text: string): ConnectionOptions {
  const url = new URL(text);
  const credentials = url.username ? { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } : {};
  return { servers: `${url.hostname}:${url.port || 4222}`, ...credentials };
}

/** Checks that the database in DATABASE_URL lets us make schemas and roles. */
export async function checkDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    throw new Error(`DATABASE_URL: cannot connect: ${(error as Error).message}`);
  }
  try {
    const { rows } = await client.query<{ version: number; roles: boolean; schemas: boolean; name: string }>(
      `SELECT current_setting('server_version_num')::int AS version, (rolcreaterole OR rolsuper) AS roles,
         has_database_privilege(current_database(), 'CREATE') AS schemas, current_user AS name
       FROM pg_roles WHERE rolname = current_user`,
    );
    const { version, roles, schemas, name } = rows[0]!;
    if (version < 150_000) throw new Error('DATABASE_URL: PostgreSQL 15 or newer is needed');
    if (!roles) throw new Error(`DATABASE_URL: the role "${name}" may not make roles. Type: ALTER ROLE "${name}" CREATEROLE`);
    if (!schemas) throw new Error(`DATABASE_URL: the role "${name}" may not make schemas. Type: GRANT CREATE ON DATABASE … TO "${name}"`);
  } finally {
    await client.end();
  }
}

/** Checks that the server in NATS_URL has JetStream and lets us make streams. */
export async function checkNats(url: string): Promise<void> {
  let connection: Awaited<ReturnType<typeof connect>>;
  try {
    connection = await connect({ ...natsOptions(url), timeout: 10_000, maxReconnectAttempts: 0 });
  } catch (error) {
    throw new Error(`NATS_URL: cannot connect: ${(error as Error).message}`);
  }
  try {
    const manager = await jetstreamManager(connection, { timeout: 10_000 });
    const name = `BASCULE_CHECK_${process.pid}`;
    await manager.streams.add({ name, subjects: [`bascule.check.${process.pid}`], storage: StorageType.Memory });
    await manager.streams.delete(name);
  } catch (error) {
    throw new Error(`NATS_URL: JetStream must be on and the user must be allowed to make streams: ${(error as Error).message}`);
  } finally {
    await connection.close();
  }
}
