import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where records are pulled from, how far that has come, and which files were taken. */
export class CreateSources implements MigrationInterface {
  readonly name = 'CreateSources1767225600900';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table sources (
        name text primary key,
        dataset_name text not null,
        contract_name text not null,
        settings json not null,
        every_seconds int not null,
        is_paused boolean not null default false,
        watermark json,
        next_run_at timestamptz not null,
        last_run_at timestamptz,
        last_batch_id uuid,
        failures int not null default 0,
        last_error text,
        created_by text not null,
        created_at timestamptz not null
      )`);
    await runner.query('create index sources_next_run_at on sources (next_run_at) where not is_paused');
    await runner.query(`
      create table source_files (
        source_name text not null references sources (name) on delete cascade,
        path text not null,
        content_digest text not null,
        size_bytes bigint not null,
        changed_at timestamptz not null,
        batch_id uuid not null,
        taken_at timestamptz not null default now(),
        primary key (source_name, path, content_digest)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['source_files', 'sources']) await runner.query(`drop table ${table}`);
  }
}
