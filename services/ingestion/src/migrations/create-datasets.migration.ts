import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Datasets, their versions and the keys of their records. */
export class CreateDatasets implements MigrationInterface {
  readonly name = 'CreateDatasets1767225600200';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table datasets (
        name text primary key,
        contract_name text not null,
        current_version text,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now()
      )`);
    await runner.query(`
      create table dataset_versions (
        dataset_name text not null references datasets (name),
        version text not null,
        sequence int not null,
        parent_version text,
        contract_name text not null,
        contract_version int not null,
        row_count int not null,
        labelled_count int not null,
        new_labelled_count int not null,
        occurred_from timestamptz not null,
        occurred_to timestamptz not null,
        batch_id uuid not null,
        created_at timestamptz not null default now(),
        primary key (dataset_name, version),
        unique (dataset_name, sequence)
      )`);
    await runner.query(`
      create table dataset_keys (
        dataset_name text not null,
        digest bytea not null,
        primary key (dataset_name, digest)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table dataset_keys');
    await runner.query('drop table dataset_versions');
    await runner.query('drop table datasets');
  }
}
