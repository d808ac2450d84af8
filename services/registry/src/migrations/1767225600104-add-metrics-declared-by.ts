import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whoever reads a promotion sees whether its metrics were measured or only declared. */
export class AddMetricsDeclaredBy implements MigrationInterface {
  readonly name = 'AddMetricsDeclaredBy1767225600104';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table promotions add column metrics_declared_by text');
    await runner.query(`
      update promotions set metrics_declared_by = versions.registered_by from versions
        where versions.model_name = promotions.model_name and versions.version = promotions.version and versions.run_id is null`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table promotions drop column metrics_declared_by');
  }
}
