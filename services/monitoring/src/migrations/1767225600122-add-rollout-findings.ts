import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What each metric said when a rollout was judged last, and when that was. */
export class AddRolloutFindings implements MigrationInterface {
  readonly name = 'AddRolloutFindings1767225600122';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table rollouts add column findings jsonb, add column judged_at timestamptz');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table rollouts drop column findings, drop column judged_at');
  }
}
