import { type MigrationInterface, type QueryRunner } from 'typeorm';

export class CreateAccessApprovalsFreeze1767225600001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE access_keys (
        key_id text PRIMARY KEY,
        identity text NOT NULL,
        secret_hash text NOT NULL,
        roles text[] NOT NULL,
        models text[] NOT NULL,
        datasets text[] NOT NULL,
        created_at timestamptz NOT NULL,
        created_by text NOT NULL,
        revoked_at timestamptz,
        revoked_by text
      );
      CREATE TABLE approvals (
        id uuid PRIMARY KEY,
        promotion_id uuid NOT NULL UNIQUE,
        model_name text NOT NULL,
        version integer NOT NULL,
        environment text NOT NULL,
        requested_by text NOT NULL,
        request jsonb NOT NULL,
        status text NOT NULL CHECK (status IN ('pending', 'granted', 'denied', 'closed')),
        opened_at timestamptz NOT NULL,
        decided_by text,
        decided_at timestamptz,
        reason text,
        cause_id text NOT NULL,
        correlation_id text NOT NULL
      );
      CREATE INDEX approvals_status ON approvals (status, id);
      CREATE TABLE freeze_switch (
        id text PRIMARY KEY CHECK (id = 'loop'),
        frozen boolean NOT NULL,
        changed_by text NOT NULL,
        reason text NOT NULL,
        since timestamptz NOT NULL
      );
      INSERT INTO freeze_switch VALUES ('loop', false, 'system', 'never frozen', now());
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE freeze_switch, approvals, access_keys');
  }
}
