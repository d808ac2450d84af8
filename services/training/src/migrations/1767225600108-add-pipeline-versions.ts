import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Every version of a pipeline, and which of them a run used. */
export class AddPipelineVersions implements MigrationInterface {
  readonly name = 'AddPipelineVersions1767225600108';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table pipelines add column version int not null default 1');
    await runner.query('alter table runs add column pipeline_version int');
    await runner.query(`
      create table pipeline_versions (
        pipeline_name text not null references pipelines (name),
        version int not null,
        document jsonb not null,
        source text,
        created_by text not null,
        created_at timestamptz not null,
        primary key (pipeline_name, version)
      )`);
    await runner.query(`
      insert into pipeline_versions (pipeline_name, version, document, created_by, created_at)
      select name, 1, jsonb_strip_nulls(jsonb_build_object('title', title, 'modelName', model_name, 'datasetName', dataset_name,
        'evaluationDatasetName', evaluation_dataset_name, 'trainer', trainer)) || jsonb_build_object('features', features,
        'label', label, 'params', params, 'split', split, 'resources', resources, 'triggers', triggers), created_by, updated_at
      from pipelines`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table pipeline_versions');
    await runner.query('alter table runs drop column pipeline_version');
    await runner.query('alter table pipelines drop column version');
  }
}
