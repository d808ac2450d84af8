import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How versions came about, names for them, erasures, and what a batch does to its dataset. */
export class VersionDatasets implements MigrationInterface {
  readonly name = 'VersionDatasets1767225601300';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table dataset_versions
        alter column batch_id drop not null,
        add column change_kind text not null default 'append',
        add column removed_count int not null default 0,
        add column content_root text,
        add column profile_digest text`);
    await runner.query('create index dataset_versions_created_at on dataset_versions (dataset_name, created_at)');
    await runner.query(`
      alter table batches
        add column publish_as json not null default '{"mode":"append"}',
        add column labels json`);
    await runner.query(`
      create table dataset_tags (
        dataset_name text not null,
        tag text not null,
        version text not null,
        tagged_by text not null,
        tagged_at timestamptz not null,
        primary key (dataset_name, tag),
        foreign key (dataset_name, version) references dataset_versions (dataset_name, version)
      )`);
    await runner.query(`
      create table erasures (
        id uuid primary key,
        dataset_name text not null references datasets (name),
        column_name text not null,
        removed_count int not null,
        other_count int not null,
        dataset_version text,
        affected_versions json not null,
        objects json not null,
        reason text not null,
        erased_by text not null,
        erased_at timestamptz not null,
        removal_due_at timestamptz not null,
        removed_at timestamptz
      )`);
    await runner.query('create index erasures_removal_due_at on erasures (removal_due_at) where removed_at is null');
    await runner.query(`
      alter table pending_rows
        add column source text not null default '',
        add column selection text not null default '',
        add column labelled_at timestamptz`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table pending_rows drop column source, drop column selection, drop column labelled_at');
    await runner.query('drop table erasures');
    await runner.query('drop table dataset_tags');
    await runner.query('alter table batches drop column publish_as, drop column labels');
    await runner.query('drop index dataset_versions_created_at');
    await runner.query(`
      alter table dataset_versions
        drop column change_kind, drop column removed_count, drop column content_root, drop column profile_digest`);
  }
}
