import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Runs; at most one active run per pipeline. */
export class CreateRuns implements MigrationInterface {
  readonly name = 'CreateRuns1767225600102';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table runs (
        id uuid primary key,
        pipeline_name text not null references pipelines (name),
        model_name text not null,
        dataset_name text not null,
        dataset_version text not null,
        evaluation_dataset_version text not null,
        recipe jsonb not null,
        status text not null check (status in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
        attempt int not null,
        failures int not null,
        requested_by text not null,
        trigger_id uuid,
        reason text,
        result jsonb,
        lease_owner uuid,
        lease_expires_at timestamptz,
        available_at timestamptz not null,
        last_event_id uuid not null,
        correlation_id uuid not null,
        requested_at timestamptz not null,
        started_at timestamptz,
        finished_at timestamptz
      )`);
    await runner.query(`create unique index runs_one_active on runs (pipeline_name) where status in ('queued', 'running')`);
    await runner.query(`create index runs_waiting on runs (requested_at) where status in ('queued', 'running')`);
    await runner.query('create index runs_of_pipeline on runs (pipeline_name, id desc)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table runs');
  }
}
