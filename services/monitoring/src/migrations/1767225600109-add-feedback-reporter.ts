import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who reported a truth or a decision; unknown for those that came before. */
export class AddFeedbackReporter implements MigrationInterface {
  readonly name = 'AddFeedbackReporter1767225600109';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of ['truths', 'decisions'])
      await runner.query(`alter table ${table} add column key_id text, add column reported_by text`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['truths', 'decisions']) await runner.query(`alter table ${table} drop column key_id, drop column reported_by`);
  }
}
