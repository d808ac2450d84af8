import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where the profiles of dataset versions lie that ingestion made. */
export class CreateDatasetProfiles implements MigrationInterface {
  readonly name = 'CreateDatasetProfiles1767225600130';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table dataset_profiles (
        dataset_name text not null,
        dataset_version text not null,
        profile_digest text not null,
        sequence bigint not null,
        primary key (dataset_name, dataset_version)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table dataset_profiles');
  }
}
