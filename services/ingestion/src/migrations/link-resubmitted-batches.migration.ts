import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The batch that a rejected one was sent again as. */
export class LinkResubmittedBatches implements MigrationInterface {
  readonly name = 'LinkResubmittedBatches1767225602100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table batches add column resubmitted_batch_id uuid references batches');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table batches drop column resubmitted_batch_id');
  }
}
