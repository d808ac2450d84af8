import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the judge of rollouts weighs besides labels: outputs, what gateways measured over time, looks spent, the strategy. */
export class AddRolloutJudgement implements MigrationInterface {
  readonly name = 'AddRolloutJudgement1767225600120';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table predictions add column output double precision');
    await runner.query(`alter table rollouts add column strategy jsonb, add column looks jsonb not null default '{}'`);
    await runner.query(`
      create table rollout_snapshots (
        rollout_id uuid not null,
        at timestamptz not null,
        step int not null,
        canary jsonb not null,
        champion jsonb not null,
        primary key (rollout_id, at)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table rollout_snapshots');
    await runner.query('alter table rollouts drop column strategy, drop column looks');
    await runner.query('alter table predictions drop column output');
  }
}
