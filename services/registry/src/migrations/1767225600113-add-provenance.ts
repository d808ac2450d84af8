import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The signed statement of what a version was made from, and the key that signed it. */
export class AddProvenance implements MigrationInterface {
  readonly name = 'AddProvenance1767225600113';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table versions add column provenance jsonb');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table versions drop column provenance');
  }
}
