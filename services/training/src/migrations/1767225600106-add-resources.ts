import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What an attempt of a pipeline may use. */
export class AddResources implements MigrationInterface {
  readonly name = 'AddResources1767225600106';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table pipelines add column resources jsonb not null default '{}'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table pipelines drop column resources');
  }
}
