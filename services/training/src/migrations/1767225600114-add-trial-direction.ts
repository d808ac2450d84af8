import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which way the searched metric of a trial is better, where its trainer says so. */
export class AddTrialDirection implements MigrationInterface {
  readonly name = 'AddTrialDirection1767225600114';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table trials add column better text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table trials drop column better');
  }
}
