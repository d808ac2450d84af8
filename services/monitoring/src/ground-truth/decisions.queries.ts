import type { DecisionRecorded } from '@bascule/contracts';
import type { EntityManager } from 'typeorm';
import { storableText } from '../predictions/storable.js';

export async function insertDecisions(
  manager: EntityManager,
  { submissionId, modelName, keyId, reportedBy, items }: DecisionRecorded['data'],
): Promise<void> {
  await manager.query(
    `insert into decisions (submission_id, item, model_name, prediction_id, client_record_id, outcome, rule_version, overridden_by, reason, decided_at, key_id, reported_by)
     select $1, position - 1, $2, prediction_id, client_record_id, outcome, rule_version, overridden_by, reason, decided_at, $10, $11
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
      storableText(keyId),
      storableOrNull(reportedBy),
    ],
  );
}

function storableOrNull(text: string | undefined): string | null {
  return text === undefined ? null : storableText(text);
}

const decided = 'outcome, rule_version, overridden_by, reason, decided_at, received_at, key_id, reported_by, submission_id, item';
/** The newest so many are shown; all are kept. */
const mostDecisions = 100;

export interface StoredDecision {
  prediction_id: string;
  outcome: string;
  rule_version: string;
  overridden_by: string | null;
  reason: string | null;
  decided_at: Date;
  received_at: Date;
  /** Null in reports of earlier gateways. */
  key_id: string | null;
  reported_by: string | null;
}

export interface StoredLabel {
  prediction_id: string;
  label: number;
  revision: number;
  source: string;
  selection: string;
  selection_note: string | null;
  labelled_at: Date;
  key_id: string | null;
  reported_by: string | null;
}

/** Every decision about each prediction, named by its id or by the client's record; the one that counts comes first. */
export async function selectDecisions(manager: EntityManager, predictionIds: readonly string[]): Promise<StoredDecision[]> {
  return manager.query(
    `select p.prediction_id, d.* from predictions p cross join lateral (
       select * from (
         select ${decided} from decisions where prediction_id = p.prediction_id and model_name = p.model_name
         union all
         select ${decided} from decisions where client_record_id = p.client_record_id and model_name = p.model_name
       ) known order by decided_at desc, received_at desc, submission_id, item limit ${mostDecisions}
     ) d where p.prediction_id = any($1)
     order by p.prediction_id, d.decided_at desc, d.received_at desc, d.submission_id, d.item`,
    [predictionIds],
  );
}

/** The latest label of each prediction. */
export async function selectLabels(manager: EntityManager, predictionIds: readonly string[]): Promise<StoredLabel[]> {
  return manager.query(
    `select distinct on (l.prediction_id) l.prediction_id, l.label, l.revision, l.source, l.selection, l.selection_note, l.labelled_at,
       t.key_id, t.reported_by
     from labels l left join truths t on t.truth_id = l.truth_id
     where l.prediction_id = any($1) order by l.prediction_id, l.revision desc`,
    [predictionIds],
  );
}
