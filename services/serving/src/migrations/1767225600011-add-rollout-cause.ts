import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The event that asked for a rollout: what follows from the rollout is told as its consequence. */
export class AddRolloutCause implements MigrationInterface {
  readonly name = 'AddRolloutCause1767225600011';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table rollouts add column caused_by text, add column correlation_id text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table rollouts drop column caused_by, drop column correlation_id');
  }
}
