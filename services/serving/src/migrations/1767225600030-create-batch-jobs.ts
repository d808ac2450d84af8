import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Batch jobs and the pieces they are cut into. */
export class CreateBatchJobs implements MigrationInterface {
  readonly name = 'CreateBatchJobs1767225600030';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table batch_jobs (
        id uuid primary key,
        model_name text not null,
        version jsonb not null,
        source jsonb not null,
        options jsonb not null,
        status text not null,
        reason text,
        key_id text not null,
        requested_by text not null,
        idempotency_key text,
        request_hash text not null,
        piece_count int not null default 0,
        row_count int not null default 0,
        is_cut boolean not null default false,
        rows_done int not null default 0,
        rows_failed int not null default 0,
        result_digest text,
        result_size_bytes bigint,
        errors_digest text,
        lease_owner uuid,
        lease_expires_at timestamptz,
        failures int not null default 0,
        accepted_at timestamptz not null,
        ended_at timestamptz,
        cleaned_at timestamptz,
        expired_at timestamptz,
        unique (key_id, idempotency_key)
      )`);
    await runner.query('create index batch_jobs_by_model on batch_jobs (model_name, id)');
    await runner.query(`create index batch_jobs_open on batch_jobs (id) where status in ('running', 'assembling')`);
    await runner.query('create index batch_jobs_to_clean on batch_jobs (ended_at) where ended_at is not null and expired_at is null');
    await runner.query(`
      create table batch_pieces (
        job_id uuid not null references batch_jobs (id),
        piece int not null,
        row_count int not null,
        input_digest text not null,
        status text not null,
        announcements int not null default 0,
        announced_at timestamptz,
        result_digest text,
        failed_count int not null default 0,
        finished_at timestamptz,
        primary key (job_id, piece)
      )`);
    await runner.query(`create index batch_pieces_open on batch_pieces (job_id, piece) where status <> 'finished'`);
    await runner.query('create index batch_pieces_finished on batch_pieces (job_id, finished_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['batch_pieces', 'batch_jobs']) await runner.query(`drop table ${table}`);
  }
}
