import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Endpoints with their routing history, rollouts with their steps. */
export class CreateEndpointsAndRollouts implements MigrationInterface {
  readonly name = 'CreateEndpointsAndRollouts1767225600010';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table endpoints (
        model_name text not null,
        environment text not null,
        revision int not null,
        rollout_id uuid,
        versions jsonb not null,
        updated_at timestamptz not null default now(),
        primary key (model_name, environment)
      )`);
    await runner.query(`
      create table routing_changes (
        model_name text not null,
        environment text not null,
        revision int not null,
        rollout_id uuid,
        versions jsonb not null,
        valid_from timestamptz not null,
        primary key (model_name, environment, revision)
      )`);
    await runner.query(`
      create table rollouts (
        id uuid primary key,
        promotion_id uuid not null unique,
        model_name text not null,
        environment text not null,
        version int not null,
        artifact_digest text not null,
        artifact_size_bytes int not null,
        signature jsonb not null,
        profile_digest text,
        champion_version int,
        requested_by text not null,
        approved_by text not null,
        steps jsonb not null,
        status text not null,
        step int not null,
        percent int not null,
        loaded_by jsonb not null,
        kept_verdict jsonb,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        ended_at timestamptz
      )`);
    // the database itself refuses a second rollout on the same traffic
    await runner.query(
      `create unique index rollouts_one_at_a_time on rollouts (model_name, environment) where status in ('loading', 'running')`,
    );
    await runner.query('create index rollouts_by_model on rollouts (model_name, id)');
    await runner.query(`
      create table rollout_steps (
        id bigint generated always as identity primary key,
        rollout_id uuid not null references rollouts (id),
        move text not null,
        step int not null,
        percent int not null,
        reasons jsonb not null,
        at timestamptz not null
      )`);
    await runner.query('create index rollout_steps_by_rollout on rollout_steps (rollout_id, id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['rollout_steps', 'rollouts', 'routing_changes', 'endpoints']) await runner.query(`drop table ${table}`);
  }
}
