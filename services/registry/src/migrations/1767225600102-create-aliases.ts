import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateAliases implements MigrationInterface {
  readonly name = 'CreateAliases1767225600102';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table aliases (
        model_name text not null,
        environment text not null,
        alias text not null,
        version int not null,
        moved_at timestamptz not null,
        promotion_id uuid not null,
        rollout_id uuid not null,
        primary key (model_name, environment, alias),
        foreign key (model_name, version) references versions (model_name, version)
      )`);
    await runner.query(`
      create table alias_moves (
        move_id uuid primary key,
        model_name text not null,
        environment text not null,
        alias text not null,
        version int not null,
        previous_version int,
        from_at timestamptz not null,
        to_at timestamptz,
        promotion_id uuid not null,
        rollout_id uuid not null unique
      )`);
    await runner.query('create index alias_moves_by_time on alias_moves (model_name, environment, alias, from_at)');
    await runner.query('create unique index alias_moves_one_current on alias_moves (model_name, environment, alias) where to_at is null');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table alias_moves, aliases');
  }
}
