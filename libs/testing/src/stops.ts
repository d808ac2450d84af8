import pg from 'pg';
import { eventually } from './eventually.js';

/** A row that is written: a transaction stops right before it. */
export interface StopPoint {
  readonly table: string;
  readonly on: 'insert' | 'update';
  /** Columns by which the row is known, with what they hold. */
  readonly row: Readonly<Record<string, string | number>>;
}

export interface Stops {
  /** From here on whoever writes such a row waits before it. */
  arm(point: StopPoint): Promise<void>;
  /** Resolves when somebody waits. */
  reached(): Promise<void>;
  /** Lets whoever waits go on; nobody is stopped any more. */
  release(): Promise<void>;
  stop(): Promise<void>;
}

const key = 20_260_417;

/**
 * Stops a service at a named point of its work, for as long as a test wants: right before it writes a row. The service knows
 * nothing of it; a process that is killed there dies in the middle of its transaction.
 * @param ownerUrl of a database of this test alone
 */
export async function openStops(ownerUrl: string, schema: string, tables: readonly string[]): Promise<Stops> {
  const client = new pg.Client({ connectionString: ownerUrl });
  client.on('error', () => undefined);
  await client.connect();
  await client.query(`
    create table if not exists public.stops (name text not null, operation text not null, row_like jsonb not null);
    create or replace function public.stop_here() returns trigger language plpgsql security definer as $$
    begin
      if exists (select 1 from public.stops where name = tg_table_name and operation = lower(tg_op) and to_jsonb(new) @> row_like) then
        perform pg_advisory_xact_lock_shared(${key});
      end if;
      return new;
    end $$`);
  for (const table of tables) {
    await client.query(
      `create or replace trigger stop_here before insert or update on "${schema}"."${table}" for each row execute function public.stop_here()`,
    );
  }
  return {
    arm: async ({ table, on, row }) => {
      await client.query('select pg_advisory_lock($1)', [key]);
      await client.query('insert into public.stops values ($1, $2, $3)', [table, on, JSON.stringify(row)]);
    },
    reached: () =>
      eventually(
        async () => {
          const { rows } = await client.query(
            `select 1 from pg_locks where locktype = 'advisory' and objid = $1 and not granted
               and database = (select oid from pg_database where datname = current_database())`,
            [key],
          );
          if (rows.length === 0) throw new Error('nobody has come to the point where the test waits');
        },
        { timeoutMs: 120_000, intervalMs: 5 },
      ),
    release: async () => {
      await client.query('delete from public.stops');
      await client.query('select pg_advisory_unlock_all()');
    },
    stop: () => client.end(),
  };
}
