import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the brakes rest on: proposals, checks of batches, how labels were selected, time that runs took. */
export class AddBrakes implements MigrationInterface {
  readonly name = 'AddBrakes1767225600105';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table proposals (
        id uuid primary key,
        pipeline_name text not null references pipelines (name),
        model_name text not null,
        cause text not null,
        trigger_id uuid not null,
        reasons jsonb not null,
        status text not null check (status in ('open', 'accepted', 'declined', 'superseded')),
        opened_at timestamptz not null,
        answered_at timestamptz,
        answered_by text,
        answer_reason text,
        run_id uuid,
        last_event_id uuid not null,
        correlation_id uuid not null
      )`);
    await runner.query(`create unique index proposals_one_open on proposals (pipeline_name) where status = 'open'`);
    await runner.query('create index proposals_of_pipeline on proposals (pipeline_name, id desc)');
    await runner.query(`
      create table batch_checks (
        batch_id uuid primary key,
        dataset_name text not null,
        status text not null check (status in ('received', 'validated', 'rejected')),
        record_count int not null,
        quarantined_count int not null,
        duplicate_count int not null,
        checked_at timestamptz not null
      )`);
    await runner.query(`
      create table label_selections (
        model_name text not null,
        received_at timestamptz not null,
        selection text not null,
        label_count bigint not null,
        primary key (model_name, received_at, selection)
      )`);
    await runner.query(`
      create table part_labels (
        part_digest text not null,
        label_column text not null,
        value_counts jsonb not null,
        primary key (part_digest, label_column)
      )`);
    await runner.query(`alter table dataset_versions add column batch_ids jsonb not null default '[]'`);
    await runner.query('alter table signals add column weighed_at timestamptz');
    await runner.query('alter table runs add column compute_ms bigint not null default 0, add column attempt_started_at timestamptz');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table runs drop column compute_ms, drop column attempt_started_at');
    await runner.query('alter table signals drop column weighed_at');
    await runner.query('alter table dataset_versions drop column batch_ids');
    for (const table of ['part_labels', 'label_selections', 'batch_checks', 'proposals']) await runner.query(`drop table ${table}`);
  }
}
