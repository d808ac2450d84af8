import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Pipelines, and what other services said about datasets, champions and broken features. */
export class CreatePipelines implements MigrationInterface {
  readonly name = 'CreatePipelines1767225600101';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table pipelines (
        name text primary key,
        title text,
        model_name text not null,
        dataset_name text not null,
        evaluation_dataset_name text,
        trainer text not null,
        features jsonb not null,
        label jsonb not null,
        params jsonb not null,
        split jsonb not null,
        triggers jsonb not null,
        created_by text not null,
        created_at timestamptz not null,
        updated_at timestamptz not null
      )`);
    await runner.query('create index pipelines_model_name on pipelines (model_name)');
    await runner.query('create index pipelines_dataset_name on pipelines (dataset_name)');
    await runner.query(`
      create table dataset_versions (
        dataset_name text not null,
        version text not null,
        row_count int not null,
        labelled_count int not null,
        occurred_from timestamptz not null,
        occurred_to timestamptz not null,
        published_at timestamptz not null,
        sequence bigint not null,
        primary key (dataset_name, version)
      )`);
    await runner.query('create index dataset_versions_sequence on dataset_versions (dataset_name, sequence desc, published_at desc)');
    await runner.query(`
      create table champions (
        model_name text primary key,
        version int not null,
        artifact_digest text not null,
        moved_at timestamptz not null
      )`);
    await runner.query(`
      create table broken_windows (
        model_name text not null,
        feature text not null,
        "from" timestamptz not null,
        "to" timestamptz not null,
        fault text not null,
        reasons jsonb not null,
        primary key (model_name, feature, "from", "to")
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['broken_windows', 'champions', 'dataset_versions', 'pipelines']) await runner.query(`drop table ${table}`);
  }
}
