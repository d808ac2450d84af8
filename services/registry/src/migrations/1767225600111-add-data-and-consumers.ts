import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is known of the data that versions are trained on, and of what clients ask. */
export class AddDataAndConsumers implements MigrationInterface {
  readonly name = 'AddDataAndConsumers1767225600111';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table data_batches (
        batch_id uuid primary key,
        record_count bigint not null,
        quarantined_count bigint not null
      )`);
    await runner.query(`
      create table data_versions (
        dataset_version text primary key,
        dataset_name text not null,
        parent_version text,
        batch_ids uuid[] not null,
        row_count bigint not null,
        labelled_count bigint not null
      )`);
    await runner.query(`
      create table consumer_requests (
        model_name text not null,
        key_id text not null,
        day date not null,
        row_count bigint not null,
        unread_count bigint not null,
        inputs jsonb not null,
        last_at timestamptz not null,
        primary key (model_name, key_id, day)
      )`);
    await runner.query('create index consumer_requests_by_day on consumer_requests (day)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table consumer_requests, data_versions, data_batches');
  }
}
