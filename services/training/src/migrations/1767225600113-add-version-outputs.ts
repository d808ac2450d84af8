import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What versions give, as their signatures say. */
export class AddVersionOutputs implements MigrationInterface {
  readonly name = 'AddVersionOutputs1767225600113';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'create table version_outputs (model_name text not null, version integer not null, outputs jsonb not null, primary key (model_name, version))',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table version_outputs');
  }
}
