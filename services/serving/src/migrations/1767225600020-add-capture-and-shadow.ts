import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How an endpoint captures, which version sees copies of its traffic, and what is known of versions without a promotion. */
export class AddCaptureAndShadow implements MigrationInterface {
  readonly name = 'AddCaptureAndShadow1767225600020';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table endpoints add column capture jsonb, add column capture_set jsonb, add column shadow jsonb');
    await runner.query('alter table routing_changes add column capture jsonb');
    await runner.query(`
      create table known_versions (
        model_name text not null,
        version int not null,
        artifact_digest text,
        artifact_size_bytes int,
        signature jsonb,
        is_archived boolean not null default false,
        primary key (model_name, version)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table known_versions');
    await runner.query('alter table routing_changes drop column capture');
    await runner.query('alter table endpoints drop column capture, drop column capture_set, drop column shadow');
  }
}
