import type { MigrationInterface, QueryRunner } from 'typeorm';

// json, not jsonb, wherever text of others is kept: jsonb refuses U+0000 and reorders fields
/** Data contracts and their versions. */
export class CreateContracts implements MigrationInterface {
  readonly name = 'CreateContracts1767225600100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table contracts (
        name text not null,
        version int not null,
        content_digest text not null,
        document json not null,
        created_by text not null,
        created_at timestamptz not null default now(),
        primary key (name, version)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table contracts');
  }
}
