import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the probe found before a version was let in; null for versions from before there was one. */
export class AddAdmission implements MigrationInterface {
  readonly name = 'AddAdmission1767225600106';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table versions add column admission jsonb');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table versions drop column admission');
  }
}
