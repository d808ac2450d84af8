import type { Loop } from './open-loop.js';

export interface RowCounts {
  readonly batches: number;
  readonly datasetVersions: number;
  readonly runs: number;
  readonly triggers: number;
  readonly versions: number;
  readonly promotions: number;
  readonly rollouts: number;
  /** Given to clients. */
  readonly predictions: number;
  /** Answers to copies, which nobody got: a champion without a share is compared by them. */
  readonly copies: number;
  readonly labels: number;
  readonly approvals: number;
  readonly auditedPredictions: number;
  readonly auditEntries: number;
}

/** What comes now and then of its own accord: the log is signed, and gateways tell how many requests they have counted. */
const ofTheirOwnAccord = ['governance.checkpoint.signed.v1', 'serving.availability.measured.v1'];

const tables: Record<keyof RowCounts, string> = {
  batches: 'ingestion.batches',
  datasetVersions: 'ingestion.dataset_versions',
  runs: 'training.runs',
  triggers: 'training.triggers',
  versions: 'registry.versions',
  promotions: 'registry.promotions',
  rollouts: 'serving.rollouts',
  predictions: '(select 1 from monitoring.predictions where role <> 3) answers',
  copies: '(select 1 from monitoring.predictions where role = 3) copies',
  labels: 'monitoring.labels',
  approvals: 'governance.approvals',
  auditedPredictions: 'governance.audited_predictions',
  auditEntries: `(select 1 from governance.audit_entries where type <> all('{${ofTheirOwnAccord.join()}}')) entries`,
};

/** How much of everything there is: what must not change when events come twice. */
export async function countRows(loop: Loop): Promise<RowCounts> {
  const counts = Object.entries(tables).map(([name, table]) => `(select count(*)::int from ${table}) as "${name}"`);
  const [row] = await loop.query<RowCounts>(`select ${counts.join(', ')}`);
  return row!;
}

/** Entries of the audit log by the type of their event, without those that come of their own accord. */
export async function countAuditTypes(loop: Loop): Promise<Record<string, number>> {
  const rows = await loop.query<{ type: string; n: number }>('select type, count(*)::int as n from governance.audit_entries group by type');
  return Object.fromEntries(rows.filter(({ type }) => !ofTheirOwnAccord.includes(type)).map(({ type, n }) => [type, n]));
}

const outboxes = ['ingestion', 'training', 'registry', 'serving', 'monitoring', 'governance'].map((schema) => `${schema}.outbox_events`);

/** Work that is due without a further message: events not sent yet, labelled rows that wait to become a batch. */
export async function countWaiting(loop: Loop): Promise<number> {
  const unsent = outboxes.map((table) => `(select count(*)::int from ${table} where sent_at is null)`);
  const [row] = await loop.query<{ n: number }>(`select ${unsent.join(' + ')} + (select count(*)::int from ingestion.pending_rows) as n`);
  return row!.n;
}

/** Facts that must be there once and are there more often. */
export async function duplicatesOf(loop: Loop): Promise<string[]> {
  const once: [what: string, table: string, columns: string][] = [
    ['prediction', 'monitoring.predictions', 'prediction_id'],
    [
      'succeeded run of a dataset version',
      `(select * from training.runs where status = 'succeeded') runs`,
      'pipeline_name, dataset_version',
    ],
    ['version of a run', '(select * from registry.versions where run_id is not null) versions', 'run_id'],
    ['rollout of a promotion', 'serving.rollouts', 'promotion_id'],
    ['approval of a promotion', 'governance.approvals', 'promotion_id'],
    ['audit entry of an event', 'governance.audit_entries', 'event_id'],
  ];
  const found: string[] = [];
  for (const [what, table, columns] of once) {
    const rows = await loop.query<{ n: number }>(`select count(*)::int as n from ${table} group by ${columns} having count(*) > 1`);
    if (rows.length > 0) found.push(`${what}: ${rows.length} more than once`);
  }
  return found;
}
