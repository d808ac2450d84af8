import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreatePromotions implements MigrationInterface {
  readonly name = 'CreatePromotions1767225600103';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table promotions (
        promotion_id uuid primary key,
        model_name text not null,
        version int not null,
        environment text not null,
        status text not null
          check (status in ('requested', 'waiting', 'approved', 'completed', 'rolled-back', 'aborted', 'refused')),
        requested_by text not null,
        gates jsonb not null,
        override jsonb,
        strategy jsonb not null,
        champion_version int,
        approval jsonb,
        rollout_id uuid,
        reasons jsonb not null,
        created_at timestamptz not null,
        decided_at timestamptz,
        ended_at timestamptz,
        foreign key (model_name, version) references versions (model_name, version)
      )`);
    await runner.query('create index promotions_by_model on promotions (model_name, promotion_id)');
    await runner.query("create index promotions_waiting on promotions (promotion_id) where status = 'waiting'");
    await runner.query(`
      create unique index promotions_one_open on promotions (model_name, environment)
        where status in ('requested', 'waiting', 'approved')`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table promotions');
  }
}
