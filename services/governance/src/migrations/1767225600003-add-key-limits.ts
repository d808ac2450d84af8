import { type MigrationInterface, type QueryRunner } from 'typeorm';

export class AddKeyLimits1767225600003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE access_keys ADD COLUMN limits jsonb');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE access_keys DROP COLUMN limits');
  }
}
