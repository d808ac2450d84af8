import type { DecisionItem } from '@bascule/contracts';
import type { EntityManager } from 'typeorm';
import { storableText } from '../predictions/storable.js';

export async function insertDecisions(
  manager: EntityManager,
  submissionId: string,
  modelName: string,
  items: readonly DecisionItem[],
): Promise<void> {
  await manager.query(
    `insert into decisions (submission_id, item, model_name, prediction_id, client_record_id, outcome, rule_version, overridden_by, reason, decided_at)
     select $1, position - 1, $2, prediction_id, client_record_id, outcome, rule_version, overridden_by, reason, decided_at
     from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[])
       with ordinality as item (prediction_id, client_record_id, outcome, rule_version, overridden_by, reason, decided_at, position)
     on conflict do nothing`,
    [
      submissionId,
      modelName,
      items.map((item) => item.predictionId ?? null),
      items.map((item) => storableOrNull(item.clientRecordId)),
      items.map((item) => storableText(item.outcome)),
      items.map((item) => storableText(item.ruleVersion)),
      items.map((item) => storableOrNull(item.overriddenBy)),
      items.map((item) => storableOrNull(item.reason)),
      items.map((item) => item.decidedAt),
    ],
  );
}

function storableOrNull(text: string | undefined): string | null {
  return text === undefined ? null : storableText(text);
}

export interface StoredDecision {
  prediction_id: string;
  outcome: string;
  rule_version: string;
  overridden_by: string | null;
  reason: string | null;
  decided_at: Date;
}

export interface StoredLabel {
  prediction_id: string;
  label: number;
  revision: number;
  source: string;
  selection: string;
  selection_note: string | null;
  labelled_at: Date;
}

/** The latest decision about each prediction, named by its id or by the client's record. */
export async function selectDecisions(manager: EntityManager, predictionIds: readonly string[]): Promise<StoredDecision[]> {
  return manager.query(
    `select p.prediction_id, d.* from predictions p cross join lateral (
       select * from (
         select outcome, rule_version, overridden_by, reason, decided_at, received_at from decisions where prediction_id = p.prediction_id and model_name = p.model_name
         union all
         select outcome, rule_version, overridden_by, reason, decided_at, received_at from decisions where client_record_id = p.client_record_id and model_name = p.model_name
       ) known order by decided_at desc, received_at desc limit 1
     ) d where p.prediction_id = any($1)`,
    [predictionIds],
  );
}

/** The latest label of each prediction. */
export async function selectLabels(manager: EntityManager, predictionIds: readonly string[]): Promise<StoredLabel[]> {
  return manager.query(
    `select distinct on (prediction_id) prediction_id, label, revision, source, selection, selection_note, labelled_at from labels
     where prediction_id = any($1) order by prediction_id, revision desc`,
    [predictionIds],
  );
}
