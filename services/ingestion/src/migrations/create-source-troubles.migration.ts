import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Files of sources that could not be read, so that one of them does not hold up the others. */
export class CreateSourceTroubles implements MigrationInterface {
  readonly name = 'CreateSourceTroubles1767225601600';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table source_troubles (
        source_name text not null references sources (name) on delete cascade,
        path text not null,
        size_bytes bigint not null,
        changed_at timestamptz not null,
        attempts int not null,
        last_error text not null,
        failed_at timestamptz not null,
        primary key (source_name, path)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table source_troubles');
  }
}
