import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How often the validation of a batch began without an end. */
export class CreateValidationStarts implements MigrationInterface {
  readonly name = 'CreateValidationStarts1767225600500';

  async up(runner: QueryRunner): Promise<void> {
    // no reference to the batch: its row may be locked by the validation itself
    await runner.query('create table validation_starts (batch_id uuid primary key, starts int not null)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table validation_starts');
  }
}
