import type { MigrationInterface, QueryRunner } from 'typeorm';

/** By what is stored of batches, whatever their dataset: asked for before an object is removed. */
export class IndexBatchDigests implements MigrationInterface {
  readonly name = 'IndexBatchDigests1767225601800';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create index batches_stored on batches (content_digest)');
    await runner.query(
      `create index batches_repairs on batches ((report->'repairs'->>'digest')) where (report->'repairs'->>'digest') is not null`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index batches_repairs');
    await runner.query('drop index batches_stored');
  }
}
