import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whose patterns of models a webhook may not go beyond. Secrets are encrypted when a registry starts: the key is in no database. */
export class SealWebhooks implements MigrationInterface {
  readonly name = 'SealWebhooks1767225600115';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query("alter table webhooks add column owner_models text[] not null default '{*}'");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table webhooks drop column owner_models');
  }
}
