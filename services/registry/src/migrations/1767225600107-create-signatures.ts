import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Keys that sign models, and the signatures; a version that is signed again keeps the older signature on record. */
export class CreateSignatures implements MigrationInterface {
  readonly name = 'CreateSignatures1767225600107';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table signing_keys (
        key_id text primary key,
        public_key text not null,
        created_at timestamptz not null,
        retired_at timestamptz,
        revoked_at timestamptz,
        changed_by text not null,
        reason text not null
      )`);
    await runner.query(`
      create table version_signatures (
        signature_id uuid primary key,
        model_name text not null,
        version int not null,
        key_id text not null references signing_keys (key_id),
        bundle_digest text not null,
        signed_by text not null,
        created_at timestamptz not null,
        foreign key (model_name, version) references versions (model_name, version)
      )`);
    await runner.query('create index version_signatures_by_version on version_signatures (model_name, version, signature_id)');
    await runner.query('create index version_signatures_by_bundle on version_signatures (bundle_digest)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table version_signatures, signing_keys');
  }
}
