import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the parts of datasets hold, so that profiles of versions need not read them again. */
export class CreatePartSketches implements MigrationInterface {
  readonly name = 'CreatePartSketches1767225601400';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table part_sketches (
        dataset_name text not null,
        part_digest text not null,
        columns_digest text not null,
        sketch json not null,
        primary key (dataset_name, part_digest, columns_digest)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table part_sketches');
  }
}
