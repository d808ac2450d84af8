import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Steps of runs and what they gave, trials of parameters, gates, and places in the queue. */
export class AddStepsAndSearch implements MigrationInterface {
  readonly name = 'AddStepsAndSearch1767225600109';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table pipelines add column search jsonb, add column gates jsonb not null default '[]',
      add column priority text not null default 'normal'`);
    await runner.query('alter table runs add column priority smallint not null default 0');
    await runner.query('create index runs_of_model on runs (model_name, finished_at)');
    await runner.query(`
      create table step_results (
        key text primary key,
        name text not null,
        model_name text not null,
        run_id uuid not null,
        output jsonb not null,
        made_at timestamptz not null
      )`);
    await runner.query('create index step_results_of_model on step_results (model_name, made_at desc)');
    await runner.query(`
      create table run_steps (
        run_id uuid not null,
        name text not null,
        attempt int not null,
        status text not null check (status in ('started', 'done', 'reused')),
        key text not null,
        reused_from uuid,
        output jsonb,
        started_at timestamptz not null,
        finished_at timestamptz,
        primary key (run_id, name)
      )`);
    await runner.query(`
      create table trials (
        run_id uuid not null,
        number int not null,
        round int not null,
        rows double precision not null,
        params jsonb not null,
        attempt int not null,
        value double precision,
        metrics jsonb not null,
        reason text,
        seconds double precision not null,
        finished_at timestamptz not null,
        primary key (run_id, round, number)
      )`);
    await runner.query('alter table run_events drop constraint run_events_kind_check');
    await runner.query(`alter table run_events add check (kind in ('state', 'progress', 'log', 'metric', 'step'))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`delete from run_events where kind = 'step'`);
    await runner.query('alter table run_events drop constraint run_events_kind_check');
    await runner.query(`alter table run_events add check (kind in ('state', 'progress', 'log', 'metric'))`);
    for (const table of ['trials', 'run_steps', 'step_results']) await runner.query(`drop table ${table}`);
    await runner.query('drop index runs_of_model');
    await runner.query('alter table runs drop column priority');
    await runner.query('alter table pipelines drop column search, drop column gates, drop column priority');
  }
}
