import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Batches and the records of theirs that wait in quarantine. */
export class CreateBatches implements MigrationInterface {
  readonly name = 'CreateBatches1767225600300';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table batches (
        id uuid primary key,
        dataset_name text not null references datasets (name),
        contract_name text not null,
        contract_version int not null,
        content_digest text not null,
        content_type text not null,
        size_bytes int not null,
        origin text not null,
        sent_by text not null,
        status text not null,
        report json,
        dataset_version text,
        received_at timestamptz not null,
        decided_at timestamptz
      )`);
    await runner.query('create index batches_dataset_name on batches (dataset_name, id)');
    await runner.query(`
      create table quarantined_records (
        batch_id uuid not null references batches (id) on delete cascade,
        row int not null,
        record json not null,
        reasons json not null,
        primary key (batch_id, row)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table quarantined_records');
    await runner.query('drop table batches');
  }
}
