import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Uploads that can be resumed; their bytes lie in files until they are complete. */
export class CreateUploads implements MigrationInterface {
  readonly name = 'CreateUploads1767225600700';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table uploads (
        id uuid primary key,
        dataset_name text not null,
        contract_name text not null,
        content_type text not null,
        read_options json not null,
        metadata text not null,
        length_bytes bigint not null,
        sent_by text not null,
        batch_id uuid,
        created_at timestamptz not null,
        expires_at timestamptz not null
      )`);
    await runner.query('create index uploads_expires_at on uploads (expires_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table uploads');
  }
}
