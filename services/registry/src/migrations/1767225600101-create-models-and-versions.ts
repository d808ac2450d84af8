import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateModelsAndVersions implements MigrationInterface {
  readonly name = 'CreateModelsAndVersions1767225600101';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table models (
        name text primary key,
        title text not null,
        latest_version int not null default 0,
        created_at timestamptz not null
      )`);
    await runner.query(`
      create table versions (
        model_name text not null references models (name),
        version int not null check (version >= 1),
        run_id uuid unique,
        registered_by text not null,
        stage text not null check (stage in ('candidate', 'staging', 'production', 'archived')),
        artifact_digest text not null,
        artifact_size_bytes bigint not null,
        profile_digest text,
        dataset_name text,
        dataset_version text,
        evaluation_dataset_version text,
        signature jsonb not null,
        metrics jsonb not null,
        comparison jsonb,
        params jsonb not null,
        trained_on jsonb,
        evaluated_on jsonb,
        created_at timestamptz not null,
        archived_at timestamptz,
        archived_by text,
        archive_reason text,
        primary key (model_name, version)
      )`);
    await runner.query('create index versions_artifact_digest on versions (artifact_digest)');
    await runner.query(`
      create table artifacts (
        digest text primary key,
        size_bytes bigint not null,
        uploaded_by text not null,
        created_at timestamptz not null
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table artifacts, versions, models');
  }
}
