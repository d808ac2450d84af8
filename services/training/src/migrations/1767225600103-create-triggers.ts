import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Decisions to train or to hold, and the held causes that wait. */
export class CreateTriggers implements MigrationInterface {
  readonly name = 'CreateTriggers1767225600103';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table triggers (
        id uuid primary key,
        pipeline_name text not null references pipelines (name),
        model_name text not null,
        cause text not null,
        outcome text not null check (outcome in ('run', 'hold')),
        reasons jsonb not null,
        run_id uuid,
        fingerprint text not null,
        decided_at timestamptz not null,
        unique (pipeline_name, fingerprint)
      )`);
    await runner.query(`
      create table signals (
        pipeline_name text not null references pipelines (name),
        cause text not null,
        event_id uuid,
        correlation_id uuid,
        features jsonb not null,
        window_from timestamptz,
        window_to timestamptz,
        received_at timestamptz not null,
        primary key (pipeline_name, cause)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table signals');
    await runner.query('drop table triggers');
  }
}
