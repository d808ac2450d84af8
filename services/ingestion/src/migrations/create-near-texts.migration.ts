import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Signatures of the texts that datasets took, to find near duplicates of them in later batches. */
export class CreateNearTexts implements MigrationInterface {
  readonly name = 'CreateNearTexts1767225601700';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table near_texts (
        dataset_name text not null references datasets (name),
        rule text not null,
        batch_id uuid not null references batches (id) on delete cascade,
        block int not null,
        text_count int not null,
        signatures bytea not null,
        owners bytea not null,
        primary key (dataset_name, rule, batch_id, block)
      )`);
    await runner.query(
      'create index quarantined_records_resubmitted on quarantined_records (resubmitted_batch_id) where resubmitted_batch_id is not null',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index quarantined_records_resubmitted');
    await runner.query('drop table near_texts');
  }
}
