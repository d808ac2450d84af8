import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What clients reported about predictions: truths, the labels they became, and decisions. */
export class CreateGroundTruth implements MigrationInterface {
  readonly name = 'CreateGroundTruth1767225600102';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table decisions, labels, truths');
  }
}

const statements = [
  // every report as it came; it may wait here for its prediction
  `create table truths (
    truth_id bigint generated always as identity primary key,
    submission_id uuid not null,
    item int not null,
    model_name text not null,
    prediction_id uuid,
    client_record_id text,
    label double precision not null,
    source text not null,
    occurred_at timestamptz not null,
    received_at timestamptz not null default now(),
    unique (submission_id, item)
  )`,
  'create index truths_prediction on truths (prediction_id) where prediction_id is not null',
  'create index truths_client_record on truths (model_name, client_record_id) where client_record_id is not null',
  'create index truths_received_at on truths (received_at)',
  // the join: one row per prediction and revision, with what performance and canaries need
  `create table labels (
    prediction_id uuid not null,
    revision int not null,
    label_id bigint generated always as identity,
    truth_id bigint not null,
    label double precision not null,
    source text not null,
    labelled_at timestamptz not null,
    joined_at timestamptz not null default now(),
    model_name text not null,
    model_version int not null,
    rollout_id uuid,
    predicted_at timestamptz not null,
    occurred_at timestamptz not null,
    score double precision,
    block_id uuid,
    primary key (prediction_id, revision)
  )`,
  'create index labels_unpublished on labels (label_id) where block_id is null',
  'create index labels_window on labels (model_name, model_version, occurred_at)',
  'create index labels_rollout on labels (rollout_id) where rollout_id is not null',
  'create index labels_truth on labels (truth_id)',
  'create index labels_predicted_at on labels (predicted_at)',
  `create table decisions (
    submission_id uuid not null,
    item int not null,
    model_name text not null,
    prediction_id uuid,
    client_record_id text,
    outcome text not null,
    rule_version text not null,
    overridden_by text,
    reason text,
    decided_at timestamptz not null,
    received_at timestamptz not null default now(),
    primary key (submission_id, item)
  )`,
  'create index decisions_prediction on decisions (prediction_id) where prediction_id is not null',
  'create index decisions_client_record on decisions (model_name, client_record_id) where client_record_id is not null',
  'create index decisions_received_at on decisions (received_at)',
];
