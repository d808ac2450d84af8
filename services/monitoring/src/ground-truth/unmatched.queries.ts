import type { EntityManager } from 'typeorm';

export interface Unmatched {
  readonly kind: 'ground-truth' | 'decision';
  readonly submission_id: string;
  readonly item: number;
  readonly prediction_id: string | null;
  readonly client_record_id: string | null;
  readonly key_id: string | null;
  readonly reported_by: string | null;
  readonly received_at: Date;
  readonly is_of_another_model: boolean;
}

/** Of so many newest reports of each kind the unmatched ones are looked for. */
const newestReports = 10_000;

/** Whose reports are asked for; absent: everybody's. */
export interface UnmatchedFilter {
  readonly reportedBy?: string | undefined;
  readonly submissionId?: string | undefined;
}

const unmatchedOf = (kind: Unmatched['kind'], table: 'truths' | 'decisions') => `
  select '${kind}' as kind, submission_id, item, prediction_id, client_record_id, key_id, reported_by, received_at,
    exists (select 1 from predictions p where p.prediction_id = r.prediction_id) as is_of_another_model
  from (
    select * from ${table}
    where model_name = $1 and ($3::text is null or reported_by = $3) and ($4::uuid is null or submission_id = $4)
    order by received_at desc limit ${newestReports}
  ) r
  where not exists (select 1 from predictions p where p.prediction_id = r.prediction_id and p.model_name = r.model_name)
    and not exists (select 1 from predictions p where p.client_record_id = r.client_record_id and p.model_name = r.model_name)`;

/** Truths and decisions reported for a model that no prediction of that model answers to, newest first. */
export async function selectUnmatched(
  manager: EntityManager,
  modelName: string,
  limit: number,
  { reportedBy, submissionId }: UnmatchedFilter = {},
): Promise<Unmatched[]> {
  return manager.query(
    `select * from (${unmatchedOf('ground-truth', 'truths')} union all ${unmatchedOf('decision', 'decisions')}) u
     order by received_at desc, submission_id, item limit $2`,
    [modelName, limit, reportedBy ?? null, submissionId ?? null],
  );
}
