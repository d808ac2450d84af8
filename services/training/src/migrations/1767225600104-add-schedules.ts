import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Times at which pipelines are due; each is decided on once. */
export class AddSchedules implements MigrationInterface {
  readonly name = 'AddSchedules1767225600104';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table schedules (
        pipeline_name text primary key references pipelines (name),
        rule text not null,
        next_at timestamptz not null
      )`);
    await runner.query('create index schedules_next_at on schedules (next_at)');
    await runner.query(`
      create table schedule_fires (
        pipeline_name text not null references pipelines (name),
        nominal_at timestamptz not null,
        claimed_at timestamptz not null,
        primary key (pipeline_name, nominal_at)
      )`);
    await runner.query(`alter table signals add column key text not null default '', add column nominal_at timestamptz`);
    await runner.query('alter table signals drop constraint signals_pkey, add primary key (pipeline_name, cause, key)');
    await runner.query('alter table triggers add column nominal_at timestamptz');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table triggers drop column nominal_at');
    await runner.query(`delete from signals where key <> ''`);
    await runner.query('alter table signals drop constraint signals_pkey, add primary key (pipeline_name, cause)');
    await runner.query('alter table signals drop column key, drop column nominal_at');
    await runner.query('drop table schedule_fires');
    await runner.query('drop table schedules');
  }
}
