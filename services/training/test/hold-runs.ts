import { eventually } from '@bascule/testing';
import type pg from 'pg';

const lockClass = 5_318_008;

/**
 * Lets a test stop a run at a step: what the service is about to note of it waits until the test lets it go.
 * @param owner a connection of the owner of the tables
 */
export async function holdRunsAt(owner: pg.Client) {
  // locks belong to the connection, so there is one; it takes one question at a time
  let last: Promise<unknown> = Promise.resolve();
  const ask = (text: string, values: unknown[] = []): Promise<pg.QueryResult> => {
    const answer = last.then(() => owner.query(text, values));
    last = answer.catch(() => undefined);
    return answer;
  };
  await owner.query('create table training.held (pipeline_name text, attempt int, step text, place int generated always as identity)');
  await owner.query(`
    create function training.hold() returns trigger language plpgsql security definer as $$
    declare wanted int;
    begin
      select place into wanted from training.held join training.runs using (pipeline_name)
        where runs.id = new.run_id and held.attempt <= new.attempt and step = case tg_table_name when 'trials' then 'trial' else to_jsonb(new) ->> 'name' end
        order by held.attempt limit 1;
      if found then perform pg_advisory_xact_lock_shared(${lockClass}, wanted); end if;
      return new;
    end $$`);
  for (const table of ['run_steps', 'trials']) {
    await owner.query(`create trigger hold before insert on training.${table} for each row execute function training.hold()`);
  }
  return {
    /** Stops an attempt, or the first one after it, at a step from now on, for a run of a pipeline that has not come there yet. */
    at: async (pipelineName: string, step: string, attempt: number) => {
      const { rows } = await ask(
        `with point as (insert into training.held (pipeline_name, attempt, step) values ($1, $2, $3) returning place)
         select place, pg_advisory_lock(${lockClass}, place) from point`,
        [pipelineName, attempt, step],
      );
      const [{ place }] = rows as [{ place: number }];
      const waiting = `select 1 from pg_locks where locktype = 'advisory' and classid = ${lockClass} and objid = $1 and not granted`;
      return {
        arrived: () => eventually(async () => (await ask(waiting, [place])).rowCount! > 0, { timeoutMs: 120_000, intervalMs: 10 }),
        letGo: async () => {
          await ask('delete from training.held where place = $1', [place]);
          await ask(`select pg_advisory_unlock(${lockClass}, $1)`, [place]);
        },
      };
    },
  };
}
