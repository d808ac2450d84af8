import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Batches of any size and format; the original text of quarantined records; content that was taken before is found again. */
export class WidenBatches implements MigrationInterface {
  readonly name = 'WidenBatches1767225600600';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table batches alter column size_bytes type bigint, add column read_options json not null default '{}'`);
    await runner.query('create index batches_content on batches (dataset_name, content_digest)');
    await runner.query('alter table quarantined_records add column line int not null default 0, add column raw json');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table quarantined_records drop column line, drop column raw');
    await runner.query('drop index batches_content');
    await runner.query('alter table batches alter column size_bytes type int, drop column read_options');
  }
}
