import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What of the predictions was captured and arrived: blocks counted per producer, shares per model; shadows and hashed rows told apart. */
export class AddCaptureAccounts implements MigrationInterface {
  readonly name = 'AddCaptureAccounts1767225600108';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table capture_tallies, capture_missing, capture_producers, capture_blocks');
    await runner.query('alter table predictions drop column has_values, drop column shadow_of');
    await runner.query('alter table model_schemas drop column runtime, drop column provider, drop column processor');
  }
}

const statements = [
  'alter table predictions add column has_values boolean not null default true, add column shadow_of uuid',
  'create index predictions_shadow_of on predictions (shadow_of) where shadow_of is not null',
  `alter table model_schemas add column runtime text not null default '', add column provider text not null default '',
     add column processor text not null default ''`,
  `do $$ begin
     execute (select format('alter table model_schemas drop constraint %I', conname) from pg_constraint
       where conrelid = 'model_schemas'::regclass and contype = 'u');
   end $$`,
  `create unique index model_schemas_columns on model_schemas
     (model_name, model_version, artifact_digest, input_names, output_names, runtime, provider, processor)`,
  // one row per block until the evaluating replica has counted it: blocks never wait for one another
  `create table capture_blocks (
    producer text not null,
    sequence bigint not null,
    rows int not null,
    rows_before bigint,
    dropped bigint not null,
    models text[] not null,
    received_at timestamptz not null default now(),
    primary key (producer, sequence)
  )`,
  `create table capture_producers (
    producer text primary key,
    gateway_id uuid,
    complete_to bigint not null default 0,
    rows_received bigint not null default 0,
    -- rows up to a block, as that block or the gateway says
    rows_said bigint not null default 0,
    rows_said_at bigint not null default 0,
    dropped bigint not null default 0,
    models text[] not null default '{}',
    state text not null default 'running',
    open_rows int not null default 0,
    missing_blocks bigint not null default 0,
    rows_at_most bigint not null default 0,
    is_end_unknown boolean not null default false,
    last_heard_at timestamptz not null default now()
  )`,
  `create table capture_missing (
    producer text not null,
    sequence bigint not null,
    detected_at timestamptz not null default now(),
    primary key (producer, sequence)
  )`,
  `create table capture_tallies (
    producer text not null,
    model_name text not null,
    model_version int not null,
    answered bigint not null,
    captured bigint not null,
    updated_at timestamptz not null default now(),
    primary key (producer, model_name, model_version)
  )`,
  'create index capture_tallies_model on capture_tallies (model_name, model_version)',
];
