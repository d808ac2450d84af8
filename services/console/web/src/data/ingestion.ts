/** What ingestion answers, as far as the page uses it. */
export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}
export interface Finding {
  kind: string;
  field?: string;
  severity: 'error' | 'warning';
  message: string;
}
export interface Report {
  verdict?: 'accepted' | 'accepted_with_quarantine' | 'rejected';
  recordCount: number;
  acceptedCount: number;
  quarantinedCount: number;
  duplicateCount: number;
  replacedCount?: number;
  balance?: { read: number; accepted: number; quarantined: number; dropped: number; rejected?: number };
  reasons: Record<string, number>;
  missing: Record<string, number>;
  expectations: { text: string; measured: number; holds: boolean; severity?: 'error' | 'warning' }[];
  findings?: Finding[];
  warnings?: string[];
  flags?: { counts: Record<string, number>; examples: { row: number; code: string; field: string; value: string }[] };
  repairs?: { counts: Record<string, Record<string, number>>; cellCount: number };
  notes: string[];
  rejection: string[];
}
export interface Batch {
  batchId: string;
  datasetName: string;
  contractName: string;
  contractVersion: number;
  contentType: string;
  sizeBytes: number;
  origin: string;
  sentBy: string;
  status: 'received' | 'validated' | 'rejected';
  report: Report | null;
  datasetVersion: string | null;
  resubmittedBatchId?: string | null;
  receivedAt: string;
}
export interface Reason {
  code: string;
  field?: string;
  message: string;
  value?: string;
  expectation?: string;
}
export interface QuarantinedRecord {
  row: number;
  line: number;
  raw: string | null;
  record: Record<string, unknown>;
  reasons: Reason[];
  status: 'waiting' | 'resubmitted' | 'discarded';
  resubmittedBatchId: string | null;
  settledBy: string | null;
  settledReason: string | null;
}
export interface Waiting {
  datasetName: string;
  code: string;
  field: string | null;
  recordCount: number;
  batchCount: number;
}
export interface RepairedCell {
  row: number;
  line: number;
  field: string;
  repairs: string[];
  original: string;
  value: string | null;
}
export interface Contract {
  version: number;
  document: { schema: { properties: { name: string; physicalName?: string }[] }[] };
}
export interface Settled {
  rowCount: number;
  correctedCount: number;
  batchId: string | null;
}

/** A place that records are pulled from. */
export interface Source {
  name: string;
  datasetName: string;
  settings: { kind: 'postgres' | 'folder' | 's3' } & Record<string, unknown>;
  isPaused: boolean;
  watermark: { watermark: string; key: string } | null;
  nextRunAt: string;
  lastRunAt: string | null;
  failures: number;
  lastError: string | null;
}
export interface SourceTrouble {
  path: string;
  attempts: number;
  lastError: string;
  failedAt: string;
  isGivenUp: boolean;
}

export const api = '/api/ingestion/v1';

/** A code in words: `missing_required` is "missing required". */
export const words = (code: string) => code.replaceAll('_', ' ');

/** Where a source pulls from, in words. */
export function placeOf({ kind, ...place }: Source['settings']): string {
  if (kind === 'postgres') return `table ${place['schemaName']}.${place['tableName']} of ${place['connection']}`;
  if (kind === 'folder') return `${place['pattern']} in the folder ${place['folder']}`;
  return `${place['prefix']}${place['pattern']} in the bucket ${place['bucket']}`;
}

/** The verdict of a batch in words, and how it is coloured. */
export function verdictOf({ status, report }: Batch): { text: string; tone: string } {
  if (status === 'received') return { text: 'being checked', tone: 'tag' };
  if (status === 'rejected') return { text: 'rejected', tone: 'tag bad' };
  const isQuarantined = report?.verdict === 'accepted_with_quarantine' || (!report?.verdict && (report?.quarantinedCount ?? 0) > 0);
  return isQuarantined ? { text: 'accepted, some in quarantine', tone: 'tag warn' } : { text: 'accepted', tone: 'tag good' };
}
