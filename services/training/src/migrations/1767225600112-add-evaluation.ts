import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What besides the measures of all hold-out rows is looked at. */
export class AddEvaluation implements MigrationInterface {
  readonly name = 'AddEvaluation1767225600112';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `alter table pipelines add column evaluation jsonb not null default '{"slices": [], "sensitive": [], "resamplings": 200}'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table pipelines drop column evaluation');
  }
}
