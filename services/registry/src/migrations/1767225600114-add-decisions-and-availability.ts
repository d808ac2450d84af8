import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What held as a promotion was decided; what gateways counted of endpoints; how far they had counted rows that nobody recorded. */
export class AddDecisionsAndAvailability implements MigrationInterface {
  readonly name = 'AddDecisionsAndAvailability1767225600114';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table promotions add column decision jsonb');
    await runner.query(`
      create table endpoint_availability (
        model_name text not null,
        environment text not null,
        hour timestamptz not null,
        request_count bigint not null,
        failed_count bigint not null,
        from_at timestamptz not null,
        to_at timestamptz not null,
        primary key (model_name, environment, hour)
      )`);
    await runner.query('create index endpoint_availability_by_hour on endpoint_availability (hour)');
    await runner.query(`
      create table uncaptured_rows (
        producer text not null,
        model_name text not null,
        model_version int not null,
        row_count bigint not null,
        seen_at timestamptz not null,
        primary key (producer, model_name, model_version)
      )`);
    await runner.query('create index uncaptured_rows_by_time on uncaptured_rows (seen_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table uncaptured_rows, endpoint_availability');
    await runner.query('alter table promotions drop column decision');
  }
}
