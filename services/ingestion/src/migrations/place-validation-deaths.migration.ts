import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How far a validation has come (nothing when none is under way), and where those before it ended with their processes. */
export class PlaceValidationDeaths implements MigrationInterface {
  readonly name = 'PlaceValidationDeaths1767225602000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'alter table validation_starts add column place bigint, add column died_at bigint, add column deaths_there int not null default 0',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table validation_starts drop column place, drop column died_at, drop column deaths_there');
  }
}
