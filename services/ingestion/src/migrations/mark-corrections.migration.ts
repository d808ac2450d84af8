import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Labels that correct those of rows which a dataset has already. */
export class MarkCorrections implements MigrationInterface {
  readonly name = 'MarkCorrections1767225601500';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table pending_rows add column is_correction boolean not null default false');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table pending_rows drop column is_correction');
  }
}
