import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Answers of creating requests, kept for 24 hours under their `Idempotency-Key`. */
export class IdempotencyTable implements MigrationInterface {
  readonly name = 'IdempotencyTable1767225600001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table idempotency_keys (
        credential text not null,
        key text not null,
        request_hash text not null,
        status int,
        body jsonb,
        created_at timestamptz not null default now(),
        primary key (credential, key)
      )`);
    await runner.query('create index idempotency_keys_created_at on idempotency_keys (created_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table idempotency_keys');
  }
}
