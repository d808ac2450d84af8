import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a version has to show to be promoted, per model; every revision stays. Promotions expire. */
export class CreatePolicies implements MigrationInterface {
  readonly name = 'CreatePolicies1767225600109';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table promotion_policies (
        model_name text not null,
        revision int not null check (revision >= 1),
        policy jsonb not null,
        changed_by text not null,
        reason text not null,
        created_at timestamptz not null,
        primary key (model_name, revision)
      )`);
    await runner.query('alter table promotions add column policy_revision int, add column expires_at timestamptz');
    await runner.query(
      "create index promotions_expiring on promotions (expires_at) where status in ('requested', 'waiting') and expires_at is not null",
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table promotions drop column policy_revision, drop column expires_at');
    await runner.query('drop table promotion_policies');
  }
}
