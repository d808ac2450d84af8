import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Uploads of bytes that the object store held already: whoever put them there may need them. */
export class KeepSharedArtifacts implements MigrationInterface {
  readonly name = 'KeepSharedArtifacts1767225600118';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table artifacts add column was_there boolean not null default false');
    await runner.query("create index evidence_by_digest on evidence ((body ->> 'digest')) where body ? 'digest'");
    await runner.query('create index versions_by_report on versions (report_digest) where report_digest is not null');
    await runner.query("create index versions_by_provenance on versions ((provenance ->> 'digest')) where provenance is not null");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index versions_by_provenance, versions_by_report, evidence_by_digest');
    await runner.query('alter table artifacts drop column was_there');
  }
}
