import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Records that came by NATS: which messages were taken, and what waits to become a batch. */
export class CreatePushes implements MigrationInterface {
  readonly name = 'CreatePushes1767225600800';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create table taken_pushes (push_id text primary key, taken_at timestamptz not null default now())');
    await runner.query('create index taken_pushes_taken_at on taken_pushes (taken_at)');
    await runner.query(`
      create table pushed_records (
        id bigint generated always as identity primary key,
        dataset_name text not null references datasets (name),
        record json not null,
        received_at timestamptz not null default now()
      )`);
    await runner.query('create index pushed_records_dataset_name on pushed_records (dataset_name, id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['pushed_records', 'taken_pushes']) await runner.query(`drop table ${table}`);
  }
}
