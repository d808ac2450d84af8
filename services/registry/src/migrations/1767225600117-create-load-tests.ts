import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Load tests that gateways were asked for. */
export class CreateLoadTests implements MigrationInterface {
  readonly name = 'CreateLoadTests1767225600117';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table load_tests (
        load_test_id uuid primary key,
        model_name text not null,
        version int not null,
        plan jsonb not null,
        requested_by text not null,
        status text not null check (status in ('requested', 'measured', 'failed')),
        reasons jsonb not null,
        evidence_id uuid,
        created_at timestamptz not null,
        expires_at timestamptz not null,
        ended_at timestamptz,
        foreign key (model_name, version) references versions (model_name, version)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table load_tests');
  }
}
