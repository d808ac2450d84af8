import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What became of quarantined records, by whom and why. */
export class SettleQuarantine implements MigrationInterface {
  readonly name = 'SettleQuarantine1767225601000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table quarantined_records
        add column status text not null default 'waiting' check (status in ('waiting', 'resubmitted', 'discarded')),
        add column resubmitted_batch_id uuid,
        add column settled_by text,
        add column settled_at timestamptz,
        add column settled_reason text`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table quarantined_records drop column status, drop column resubmitted_batch_id,
        drop column settled_by, drop column settled_at, drop column settled_reason`);
  }
}
