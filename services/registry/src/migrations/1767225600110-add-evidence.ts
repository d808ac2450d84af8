import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Evidence besides metrics; who has to say yes to a promotion. */
export class AddEvidence implements MigrationInterface {
  readonly name = 'AddEvidence1767225600110';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table evidence (
        evidence_id uuid primary key,
        model_name text not null references models (name),
        version int,
        kind text not null,
        name text not null,
        origin text not null check (origin in ('measured', 'declared')),
        recorded_by text not null,
        body jsonb not null,
        created_at timestamptz not null,
        foreign key (model_name, version) references versions (model_name, version)
      )`);
    await runner.query('create index evidence_by_version on evidence (model_name, version, evidence_id)');
    await runner.query('alter table versions add column report_digest text');
    await runner.query('alter table promotions add column approvals jsonb');
    await runner.query('create index promotions_overridden on promotions (model_name, version) where override is not null');
    await runner.query('alter table aliases add column override jsonb');
    await runner.query(`
      update aliases set override = promotions.override from promotions
        where promotions.promotion_id = aliases.promotion_id and promotions.override is not null`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table aliases drop column override');
    await runner.query('drop index promotions_overridden');
    await runner.query('alter table promotions drop column approvals');
    await runner.query('alter table versions drop column report_digest');
    await runner.query('drop table evidence');
  }
}
