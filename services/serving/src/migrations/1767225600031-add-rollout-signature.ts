import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The signature a version was approved with: gateways check it before they load the version. */
export class AddRolloutSignature implements MigrationInterface {
  readonly name = 'AddRolloutSignature1767225600031';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table rollouts add column signed jsonb');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table rollouts drop column signed');
  }
}
