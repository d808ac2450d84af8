import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Captured rows that the table of predictions cannot hold, so that they hold up no other row and are not lost. */
export class CreateUnstorableRows implements MigrationInterface {
  readonly name = 'CreateUnstorableRows1767225600105';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `create table unstorable_rows (
        prediction_id text primary key,
        model_name text not null,
        reason text not null,
        block bytea not null,
        received_at timestamptz not null default now()
      )`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table unstorable_rows');
  }
}
