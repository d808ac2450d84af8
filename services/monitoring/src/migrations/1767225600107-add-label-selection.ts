import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How the case of a label was selected for labelling. */
export class AddLabelSelection implements MigrationInterface {
  readonly name = 'AddLabelSelection1767225600107';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of ['truths', 'labels']) {
      await runner.query(`alter table ${table} add column selection text not null default 'unknown', add column selection_note text`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['truths', 'labels']) {
      await runner.query(`alter table ${table} drop column selection, drop column selection_note`);
    }
  }
}
