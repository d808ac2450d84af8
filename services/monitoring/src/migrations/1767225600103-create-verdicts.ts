import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Verdicts on windows, features, performance and canaries, and the alerts they raised. */
export class CreateVerdicts implements MigrationInterface {
  readonly name = 'CreateVerdicts1767225600103';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'drop table alerts, judgements, rollout_steps, rollouts, performance_reports, performance_evaluations, broken_features, drift_features, drift_reports, fault_checks',
    );
  }
}

const window = 'model_name text not null, model_version int not null, grain text not null, window_from timestamptz not null';

const statements = [
  `create table drift_reports (
    report_id uuid not null unique,
    ${window},
    window_to timestamptz not null,
    prediction_count int not null,
    evaluated_at timestamptz not null,
    primary key (model_name, model_version, grain, window_from)
  )`,
  `create table drift_features (
    ${window},
    feature text not null,
    verdict text not null,
    exceeds boolean not null,
    method text not null,
    score double precision not null,
    expected_noise double precision not null,
    threshold double precision not null,
    current_count int not null,
    reference_count int not null,
    reasons jsonb not null,
    primary key (model_name, model_version, grain, window_from, feature)
  )`,
  `create table fault_checks (
    model_name text not null,
    model_version int not null,
    month date not null,
    prediction_count int not null,
    primary key (model_name, model_version, month)
  )`,
  `create table broken_features (
    report_id uuid not null unique,
    model_name text not null,
    model_version int not null,
    month date not null,
    feature text not null,
    fault text not null,
    factor double precision,
    reasons jsonb not null,
    prediction_count int not null,
    detected_at timestamptz not null,
    primary key (model_name, model_version, month, feature)
  )`,
  `create table performance_evaluations (
    report_id uuid not null unique,
    model_name text not null,
    model_version int not null,
    window_from timestamptz not null,
    window_to timestamptz not null,
    labelled_count int not null,
    evaluated_at timestamptz not null,
    primary key (model_name, model_version, window_from)
  )`,
  `create table performance_reports (
    model_name text not null,
    model_version int not null,
    window_from timestamptz not null,
    metric text not null,
    verdict text not null,
    value double precision not null,
    reference double precision not null,
    standard_error double precision not null,
    reasons jsonb not null,
    primary key (model_name, model_version, window_from, metric)
  )`,
  `create table rollouts (
    rollout_id uuid primary key,
    model_name text not null,
    model_version int not null,
    champion_version int,
    outcome text,
    ended_at timestamptz
  )`,
  `create table rollout_steps (
    rollout_id uuid not null,
    step int not null,
    percent int not null,
    started_at timestamptz not null,
    verdict text,
    last_look int not null default 0,
    primary key (rollout_id, step)
  )`,
  `create table judgements (
    judgement_id uuid primary key,
    rollout_id uuid not null,
    step int not null,
    verdict text not null,
    reasons jsonb not null,
    evidence jsonb not null,
    judged_at timestamptz not null
  )`,
  'create index judgements_rollout on judgements (rollout_id, judgement_id)',
  `create table alerts (
    alert_id uuid primary key,
    model_name text not null,
    rule text not null,
    key text not null,
    severity text not null,
    message text not null,
    raised_at timestamptz not null,
    resolved_at timestamptz,
    resolution text
  )`,
  'create unique index alerts_open on alerts (model_name, rule, key) where resolved_at is null',
];
