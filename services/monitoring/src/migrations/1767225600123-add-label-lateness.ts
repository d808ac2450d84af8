import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whether the labels of a model have lately come in time is asked at every look at a rollout. */
export class AddLabelLateness implements MigrationInterface {
  readonly name = 'AddLabelLateness1767225600123';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create index labels_lately on labels (model_name, predicted_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index labels_lately');
  }
}
