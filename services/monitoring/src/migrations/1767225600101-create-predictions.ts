import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Predictions by day of receipt, and the counters of their windows. */
export class CreatePredictions implements MigrationInterface {
  readonly name = 'CreatePredictions1767225600101';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table windows, window_deltas, monitored_models, model_versions, predictions, model_schemas');
    await runner.query('drop function ensure_prediction_day(date, int), drop_prediction_days(int)');
  }
}

const statements = [
  // the columns of a model version, so that rows need not repeat them
  `create table model_schemas (
    schema_id int generated always as identity primary key,
    model_name text not null,
    model_version int not null,
    artifact_digest text not null,
    input_names text[] not null,
    output_names text[] not null,
    unique (model_name, model_version, artifact_digest, input_names, output_names)
  )`,
  `create table predictions (
    prediction_id uuid not null,
    received_at timestamptz not null,
    occurred_at timestamptz not null,
    model_name text not null,
    model_version int not null,
    schema_id int not null,
    client_record_id text,
    key_id text not null,
    rollout_id uuid,
    role smallint not null,
    score double precision,
    payload bytea not null,
    primary key (prediction_id, received_at)
  ) partition by range (received_at)`,
  'create index predictions_client_record on predictions (model_name, client_record_id) where client_record_id is not null',
  'create index predictions_rollout on predictions (rollout_id) where rollout_id is not null',
  'create index predictions_model on predictions (model_name, received_at)',
  // runs as the owner: the service's role may not make or drop tables
  `create function ensure_prediction_day(wanted date, keep_days int) returns void
    language plpgsql security definer set search_path from current as $$
    declare part text := 'predictions_' || to_char(wanted, 'YYYYMMDD');
    begin
      if to_regclass(quote_ident(part)) is not null then return; end if;
      if wanted < current_date - keep_days or wanted > current_date + 2 then raise exception 'day out of reach' using errcode = '22008'; end if;
      perform pg_advisory_xact_lock(hashtextextended('prediction-day-' || current_schema(), 0));
      execute format('create table if not exists %I partition of predictions for values from (%L) to (%L)',
        part, wanted::timestamp at time zone 'UTC', (wanted + 1)::timestamp at time zone 'UTC');
    end $$`,
  `create function drop_prediction_days(keep_days int) returns int
    language plpgsql security definer set search_path from current set lock_timeout = '3s' as $$
    declare part text; dropped int := 0;
    begin
      for part in
        select child.relname from pg_inherits join pg_class child on child.oid = inhrelid
        where inhparent = 'predictions'::regclass and child.relname ~ '^predictions_[0-9]{8}$'
          and to_date(right(child.relname, 8), 'YYYYMMDD') < current_date - keep_days
      loop
        execute format('drop table %I', part);
        dropped := dropped + 1;
      end loop;
      return dropped;
    end $$`,
  // one row per block and window: blocks never wait for one another, the evaluating replica folds them
  `create table window_deltas (
    delta_id bigint generated always as identity primary key,
    model_name text not null,
    model_version int not null,
    month date not null,
    counts json not null,
    occurred_to timestamptz not null
  )`,
  `create table windows (
    model_name text not null,
    model_version int not null,
    month date not null,
    prediction_count int not null,
    counts json not null,
    updated_at timestamptz not null default now(),
    primary key (model_name, model_version, month)
  )`,
  `create table monitored_models (
    model_name text primary key,
    watermark timestamptz,
    production_version int,
    policy jsonb,
    policy_set_by text,
    policy_set_at timestamptz
  )`,
  `create table model_versions (
    model_name text not null,
    model_version int not null,
    profile_digest text,
    profile json,
    registered_at timestamptz not null,
    primary key (model_name, model_version)
  )`,
];
