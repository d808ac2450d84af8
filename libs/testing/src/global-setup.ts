import { sharedPostgresVariable, startThrowawayPostgres } from './test-postgres.js';

type Running = { users: number; server: ReturnType<typeof startThrowawayPostgres> };
const slot = globalThis as { basculeTestPostgres?: Running };

/** Starts the PostgreSQL that all integration projects of one test run share; the last project stops it. */
export default async function setUp(): Promise<() => Promise<void>> {
  slot.basculeTestPostgres ??= { users: 0, server: startThrowawayPostgres({ max_connections: '400' }) };
  const running = slot.basculeTestPostgres;
  running.users++;
  process.env[sharedPostgresVariable] = (await running.server).url;
  return async () => {
    running.users--;
    if (running.users > 0) return;
    delete slot.basculeTestPostgres;
    await (await running.server).stop();
  };
}
