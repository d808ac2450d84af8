import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Keys that are trusted to say what models were made from. */
export class CreateProvenanceKeys implements MigrationInterface {
  readonly name = 'CreateProvenanceKeys1767225600116';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table provenance_keys (
        key_id text primary key,
        public_key text not null,
        created_at timestamptz not null,
        revoked_at timestamptz,
        changed_by text not null,
        reason text not null
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table provenance_keys');
  }
}
