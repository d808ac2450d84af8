import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Blocks that a gateway is known to have on its disk are told apart from those that are missing. */
export class AddWaitingBlocks implements MigrationInterface {
  readonly name = 'AddWaitingBlocks1767225600124';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table capture_producers add column waiting_blocks bigint not null default 0');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table capture_producers drop column waiting_blocks');
  }
}
