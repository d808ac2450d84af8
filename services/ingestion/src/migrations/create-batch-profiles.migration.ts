import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is kept of the batches that were taken, to hold later ones against. */
export class CreateBatchProfiles implements MigrationInterface {
  readonly name = 'CreateBatchProfiles1767225601100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table batch_profiles (
        batch_id uuid primary key references batches (id) on delete cascade,
        dataset_name text not null references datasets (name),
        sent_by text not null,
        received_at timestamptz not null,
        profile json not null
      )`);
    await runner.query('create index batch_profiles_dataset on batch_profiles (dataset_name, batch_id desc)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table batch_profiles');
  }
}
