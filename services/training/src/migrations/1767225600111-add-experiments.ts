import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Keys of signed provenance; tags and notes of runs, and their numbers and words to look runs up by. */
export class AddExperiments implements MigrationInterface {
  readonly name = 'AddExperiments1767225600111';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table provenance_keys (
        key_id text primary key,
        public_key text not null,
        first_used_at timestamptz not null
      )`);
    await runner.query(`alter table runs add column tags jsonb not null default '{}', add column note text`);
    await runner.query(`
      create table run_values (
        run_id uuid not null references runs (id) on delete cascade,
        kind text not null check (kind in ('metric', 'param', 'tag')),
        name text not null,
        number double precision,
        text text,
        primary key (run_id, kind, name)
      )`);
    await runner.query('create index run_values_number on run_values (kind, name, number desc, run_id desc) where number is not null');
    await runner.query('create index run_values_text on run_values (kind, name, text, run_id desc) where text is not null');
    await runner.query('create index runs_of_status on runs (status, id desc)');
    await runner.query(`
      insert into run_values (run_id, kind, name, number)
      select id, 'metric', left(metric.key, 100), metric.value::double precision
      from runs, jsonb_each_text(coalesce(result -> 'metrics', '{}')) metric where jsonb_typeof(result -> 'metrics') = 'object'
      on conflict do nothing`);
    await runner.query(`
      insert into run_values (run_id, kind, name, number, text)
      select id, 'param', left(param.key, 100), case when jsonb_typeof(param.value) = 'number' then (param.value #>> '{}')::double precision end,
        case when jsonb_typeof(param.value) <> 'number' then left(param.value #>> '{}', 200) end
      from runs, jsonb_each(coalesce(recipe -> 'params', '{}')) param
      on conflict do nothing`);
    await runner.query(`
      insert into run_values (run_id, kind, name, text) select id, 'param', 'trainer', recipe ->> 'trainer' from runs on conflict do nothing`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index runs_of_status');
    await runner.query('drop table run_values');
    await runner.query('alter table runs drop column tags, drop column note');
    await runner.query('drop table provenance_keys');
  }
}
