import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which datasets decisions, proposals and runs rest on, for keys that may see some only; and pages of few runs among many. */
export class NarrowRuns implements MigrationInterface {
  readonly name = 'NarrowRuns1767225600115';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table runs add column evaluation_dataset_name text');
    await runner.query(`
      update runs set evaluation_dataset_name = (select dataset_name from dataset_versions where version = runs.evaluation_dataset_version limit 1)
      where evaluation_dataset_version <> dataset_version`);
    for (const table of ['triggers', 'proposals']) {
      await runner.query(`alter table ${table} add column dataset_name text, add column evaluation_dataset_name text`);
      // what it was then nobody kept: what the pipeline uses by now is the nearest
      await runner.query(`
        update ${table} set dataset_name = pipelines.dataset_name, evaluation_dataset_name = pipelines.evaluation_dataset_name
        from pipelines where pipelines.name = ${table}.pipeline_name`);
      await runner.query(`alter table ${table} alter column dataset_name set not null`);
    }
    await runner.query('create index runs_of_model_newest on runs (model_name, id desc)');
    await runner.query('create index runs_of_model_status on runs (model_name, status, id desc)');
    await runner.query('create index runs_of_pipeline_status on runs (pipeline_name, status, id desc)');
    await runner.query('create index runs_of_dataset on runs (dataset_name, id desc)');
    await runner.query('alter table run_values add column pipeline_name text, add column model_name text');
    await runner.query(`
      update run_values set pipeline_name = runs.pipeline_name, model_name = runs.model_name from runs where runs.id = run_values.run_id`);
    await runner.query('alter table run_values alter column pipeline_name set not null, alter column model_name set not null');
    for (const owner of ['pipeline', 'model']) {
      await runner.query(`
        create index run_values_number_of_${owner} on run_values (${owner}_name, kind, name, number desc, run_id desc) where number is not null`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table run_values drop column pipeline_name, drop column model_name');
    for (const index of ['runs_of_dataset', 'runs_of_pipeline_status', 'runs_of_model_status', 'runs_of_model_newest']) {
      await runner.query(`drop index ${index}`);
    }
    for (const table of ['triggers', 'proposals']) {
      await runner.query(`alter table ${table} drop column dataset_name, drop column evaluation_dataset_name`);
    }
    await runner.query('alter table runs drop column evaluation_dataset_name');
  }
}
