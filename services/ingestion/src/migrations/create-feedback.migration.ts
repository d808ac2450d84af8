import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which model feeds which dataset, and labelled rows that wait to be appended. */
export class CreateFeedback implements MigrationInterface {
  readonly name = 'CreateFeedback1767225600400';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table feedback_rules (
        dataset_name text not null references datasets (name),
        model_name text not null,
        label_column text not null,
        id_column text,
        id_from text not null,
        time_column text,
        created_by text not null,
        created_at timestamptz not null default now(),
        primary key (dataset_name, model_name)
      )`);
    await runner.query('create index feedback_rules_model_name on feedback_rules (model_name)');
    await runner.query(`
      create table pending_rows (
        dataset_name text not null,
        prediction_id uuid not null,
        revision int not null,
        model_name text not null,
        record json not null,
        occurred_at timestamptz not null,
        received_at timestamptz not null default now(),
        primary key (dataset_name, prediction_id)
      )`);
    await runner.query('create index pending_rows_received_at on pending_rows (dataset_name, received_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table pending_rows');
    await runner.query('drop table feedback_rules');
  }
}
