import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where the profiles of dataset versions are; they arrive before or after their version. */
export class KeepProfiles implements MigrationInterface {
  readonly name = 'KeepProfiles1767225600116';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table dataset_profiles (
        dataset_name text not null,
        dataset_version text not null,
        profile_digest text not null,
        profiled_at timestamptz not null,
        primary key (dataset_name, dataset_version)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table dataset_profiles');
  }
}
