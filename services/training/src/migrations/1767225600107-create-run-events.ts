import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What runs tell. No reference to the run: a line must never wait for the lock of its row. */
export class CreateRunEvents implements MigrationInterface {
  readonly name = 'CreateRunEvents1767225600107';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table run_events (
        run_id uuid not null,
        sequence int not null,
        at timestamptz not null,
        attempt int not null,
        kind text not null check (kind in ('state', 'progress', 'log', 'metric')),
        data jsonb not null,
        primary key (run_id, sequence)
      )`);
    await runner.query(`create index run_events_progress on run_events (run_id, sequence desc) where kind = 'progress'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table run_events');
  }
}
