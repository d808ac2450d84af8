import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When the champion moved: an older move that arrives late must not take its place. */
export class AddProductionSince implements MigrationInterface {
  readonly name = 'AddProductionSince1767225600104';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table monitored_models add column production_since timestamptz');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table monitored_models drop column production_since');
  }
}
