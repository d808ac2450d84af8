import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How a rollout goes up, since when it stands where it stands, who holds it, and versions that are not tried again. */
export class AddRolloutStrategies implements MigrationInterface {
  readonly name = 'AddRolloutStrategies1767225600040';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table rollouts
        add column strategy jsonb,
        add column step_started_at timestamptz,
        add column is_paused boolean not null default false,
        add column is_marked boolean not null default false,
        add column is_override boolean not null default false`);
    await runner.query('alter table endpoints add column rollout_step int');
    await runner.query('create index rollouts_marked on rollouts (model_name, environment, version) where is_marked');
    await runner.query(
      `create index rollouts_open on rollouts (model_name, environment) where status in ('waiting', 'loading', 'running')`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index rollouts_open, rollouts_marked');
    await runner.query('alter table endpoints drop column rollout_step');
    await runner.query(
      `alter table rollouts drop column strategy, drop column step_started_at, drop column is_paused, drop column is_marked, drop column is_override`,
    );
  }
}
