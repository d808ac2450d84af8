import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Uploads in pieces, and what collecting artifacts nobody needs looks for. */
export class CreateArtifactUploads implements MigrationInterface {
  readonly name = 'CreateArtifactUploads1767225600108';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table artifact_uploads (
        upload_id uuid primary key,
        length_bytes bigint not null,
        announced_digest text,
        sent_by text not null,
        artifact_digest text,
        created_at timestamptz not null,
        expires_at timestamptz not null
      )`);
    await runner.query('create index artifact_uploads_by_expiry on artifact_uploads (expires_at)');
    await runner.query('create index versions_by_profile on versions (profile_digest) where profile_digest is not null');
    await runner.query('create index artifacts_by_time on artifacts (created_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index artifacts_by_time, versions_by_profile');
    await runner.query('drop table artifact_uploads');
  }
}
