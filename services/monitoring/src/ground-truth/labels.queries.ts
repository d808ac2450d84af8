import { Role } from '@bascule/proto';
import type { EntityManager } from 'typeorm';

export interface Truth {
  submissionId: string;
  item: number;
  modelName: string;
  predictionId: string | null;
  clientRecordId: string | null;
  label: number;
  source: string;
  occurredAt: string;
  selection: string;
  selectionNote: string | null;
  keyId: string;
  reportedBy: string | null;
}

/** Keeps reports as they came; one that arrives twice is kept once. */
export async function insertTruths(manager: EntityManager, truths: readonly Truth[]): Promise<void> {
  await manager.query(
    `insert into truths (submission_id, item, model_name, prediction_id, client_record_id, label, source, occurred_at, selection, selection_note,
       key_id, reported_by)
     select * from unnest($1::uuid[], $2::int[], $3::text[], $4::uuid[], $5::text[], $6::float8[], $7::text[], $8::timestamptz[], $9::text[], $10::text[],
       $11::text[], $12::text[])
     on conflict do nothing`,
    [
      truths.map((truth) => truth.submissionId),
      truths.map((truth) => truth.item),
      truths.map((truth) => truth.modelName),
      truths.map((truth) => truth.predictionId),
      truths.map((truth) => truth.clientRecordId),
      truths.map((truth) => truth.label),
      truths.map((truth) => truth.source),
      truths.map((truth) => truth.occurredAt),
      truths.map((truth) => truth.selection),
      truths.map((truth) => truth.selectionNote),
      truths.map((truth) => truth.keyId),
      truths.map((truth) => truth.reportedBy),
    ],
  );
}

/** Predictions that the truths of a condition are about. */
export async function predictionsOfTruths(manager: EntityManager, condition: string, parameters: unknown[]): Promise<string[]> {
  const rows = (await manager.query(
    `with chosen as materialized (select * from truths where ${condition})
     select p.prediction_id from chosen t join predictions p on p.prediction_id = t.prediction_id and p.model_name = t.model_name
     union
     select p.prediction_id from chosen t join predictions p on p.client_record_id = t.client_record_id and p.model_name = t.model_name`,
    parameters,
  )) as { prediction_id: string }[];
  return rows.map((row) => row.prediction_id);
}

// who repeats a label without saying how its case was selected takes nothing back
const isNews = "((t.label, t.source) is distinct from (l.label, l.source) or (t.selection <> 'unknown' and t.selection <> l.selection))";

/**
 * Gives each prediction its latest truth as a label: the first as revision 1, a correction as the next revision.
 * The same truth again, or an older one that arrives late, changes nothing. A truth that does not say how its case was selected
 * leaves standing what an earlier one said.
 */
export async function applyLabels(manager: EntityManager, predictionIds: readonly string[]): Promise<number> {
  const inserted = (await manager.query(
    `insert into labels (prediction_id, revision, truth_id, label, source, labelled_at, model_name, model_version, rollout_id, predicted_at, occurred_at, score,
       selection, selection_note)
     select p.prediction_id, coalesce(l.revision, 0) + 1, t.truth_id, t.label, t.source, t.occurred_at,
       p.model_name, p.model_version, p.rollout_id, p.received_at, p.occurred_at, p.score, t.said, t.said_note
     from predictions p
     cross join lateral (
       select *, first_value(selection) over said_last as said, first_value(selection_note) over said_last as said_note from (
         select truth_id, label, source, occurred_at, selection, selection_note from truths where prediction_id = p.prediction_id and model_name = p.model_name
         union all
         select truth_id, label, source, occurred_at, selection, selection_note from truths where client_record_id = p.client_record_id and model_name = p.model_name
       ) known
       window said_last as (order by selection = 'unknown', occurred_at desc, truth_id desc)
       order by occurred_at desc, truth_id desc limit 1
     ) t
     left join lateral (select * from labels where prediction_id = p.prediction_id order by revision desc limit 1) l on true
     where p.prediction_id = any($1) and p.role <> ${Role.SHADOW}
       and (l.revision is null or (${isNews} and t.occurred_at >= l.labelled_at))
     order by p.prediction_id
     on conflict do nothing returning prediction_id`,
    [predictionIds],
  )) as unknown[];
  return inserted.length;
}

export interface UnpublishedLabel {
  prediction_id: string;
  revision: number;
  label: number;
  source: string;
  selection: string;
  selection_note: string | null;
  labelled_at: Date;
  /** Null when the prediction was dropped meanwhile. */
  received_at: Date | null;
  occurred_at: Date;
  model_name: string;
  model_version: number;
  client_record_id: string | null;
  key_id: string;
  rollout_id: string | null;
  role: number;
  payload: Buffer;
  schema_id: number;
  artifact_digest: string;
  input_names: string[];
  output_names: string[];
}

/** Labels that no block carries yet, oldest first, with their predictions. */
export async function selectUnpublished(manager: EntityManager, limit: number): Promise<UnpublishedLabel[]> {
  return manager.query(
    `select l.prediction_id, l.revision, l.label, l.source, l.selection, l.selection_note, l.labelled_at, l.model_name, l.model_version, l.occurred_at,
       -- a row without values is nothing to learn from
       case when p.has_values then p.received_at end as received_at, p.client_record_id, p.key_id, p.rollout_id, p.role, p.payload,
       s.schema_id, s.artifact_digest, s.input_names, s.output_names
     from (select * from labels where block_id is null order by label_id limit ${limit}) l
     left join predictions p on p.prediction_id = l.prediction_id and p.received_at = l.predicted_at
     left join model_schemas s on s.schema_id = p.schema_id
     order by l.label_id`,
  );
}

export async function markPublished(manager: EntityManager, labels: readonly UnpublishedLabel[], blockId: string): Promise<void> {
  await manager.query(
    `update labels set block_id = $3 from unnest($1::uuid[], $2::int[]) as done (prediction_id, revision)
     where labels.prediction_id = done.prediction_id and labels.revision = done.revision`,
    [labels.map((label) => label.prediction_id), labels.map((label) => label.revision), blockId],
  );
}
