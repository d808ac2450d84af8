import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Objects that were stored and that no transaction has taken into use, so that they can be removed. */
export class CreateUnusedObjects implements MigrationInterface {
  readonly name = 'CreateUnusedObjects1767225601900';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table unused_objects (
        digest text primary key,
        first_stored_at timestamptz not null,
        stored_at timestamptz not null
      )`);
    await runner.query('create index unused_objects_stored on unused_objects (stored_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table unused_objects');
  }
}
