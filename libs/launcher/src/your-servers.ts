import { StorageType } from '@nats-io/jetstream';
import { withDatabase, withStreams } from './server-sessions.js';

/** Checks that the database in DATABASE_URL lets us make schemas and roles. */
export async function checkDatabase(url: string): Promise<void> {
  await withDatabase(url, async (client) => {
    const { rows } = await client.query<{ version: number; roles: boolean; schemas: boolean; name: string }>(
      `SELECT current_setting('server_version_num')::int AS version, (rolcreaterole OR rolsuper) AS roles,
         has_database_privilege(current_database(), 'CREATE') AS schemas, current_user AS name
       FROM pg_roles WHERE rolname = current_user`,
    );
    const { version, roles, schemas, name } = rows[0]!;
    if (version < 150_000) throw new Error('DATABASE_URL: PostgreSQL 15 or newer is needed');
    if (!roles) throw new Error(`DATABASE_URL: the role "${name}" may not make roles. Type: ALTER ROLE "${name}" CREATEROLE`);
    if (!schemas) throw new Error(`DATABASE_URL: the role "${name}" may not make schemas. Type: GRANT CREATE ON DATABASE … TO "${name}"`);
  });
}

/** Checks that the server in NATS_URL has JetStream and lets us make streams. */
export async function checkNats(url: string): Promise<void> {
  await withStreams(url, async (manager) => {
    const name = `BASCULE_CHECK_${process.pid}`;
    await manager.streams.add({ name, subjects: [`bascule.check.${process.pid}`], storage: StorageType.Memory });
    await manager.streams.delete(name);
  });
}
