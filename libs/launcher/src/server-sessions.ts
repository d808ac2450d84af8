import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { type ConnectionOptions, connect } from '@nats-io/transport-node';
import pg from 'pg';

/** Connection options of a NATS URL; the client itself ignores user and password in it. */
export function natsOptions(text: string): ConnectionOptions {
  const url = new URL(text);
  const credentials = url.username ? { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } : {};
  return { servers: `${url.hostname}:${url.port || 4222}`, ...credentials };
}

/** Works with a database as its owner. @throws a message that names DATABASE_URL when it cannot be reached */
export async function withDatabase<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    throw new Error(`DATABASE_URL: cannot connect: ${(error as Error).message}`);
  }
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Works with the streams of a NATS server. @throws a message that names NATS_URL when it cannot be reached */
export async function withStreams<T>(url: string, work: (manager: JetStreamManager) => Promise<T>): Promise<T> {
  let connection: Awaited<ReturnType<typeof connect>>;
  try {
    connection = await connect({ ...natsOptions(url), timeout: 10_000, maxReconnectAttempts: 0 });
  } catch (error) {
    throw new Error(`NATS_URL: cannot connect: ${(error as Error).message}`);
  }
  try {
    return await work(await jetstreamManager(connection, { timeout: 10_000 }));
  } catch (error) {
    throw new Error(`NATS_URL: JetStream must be on and the user must be allowed to make streams: ${(error as Error).message}`);
  } finally {
    await connection.close();
  }
}
