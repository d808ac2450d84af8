import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What was found about the values of each column of a batch job. */
export class AddBatchFindings implements MigrationInterface {
  readonly name = 'AddBatchFindings1767225600041';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table batch_jobs add column findings jsonb not null default '[]'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table batch_jobs drop column findings');
  }
}
