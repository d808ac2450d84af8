import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Versions that are not tried again: rolled back, or refused at load, of which nothing was known here before. */
export class MarkPromotions implements MigrationInterface {
  readonly name = 'MarkPromotions1767225600119';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table promotions add column is_marked boolean not null default false');
    await runner.query("update promotions set is_marked = true where status = 'rolled-back'");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table promotions drop column is_marked');
  }
}
