import { commitTo } from './commitment.js';
import type { EvidenceBundle } from './evidence.js';
import { readEvidence } from './read-evidence.js';
import { type ReceiptRow, type ReceiptStatement, readReceipt } from './receipt.js';
import { verifyEvidence } from './verify-evidence.js';

/** Evidence about the same prediction, as the keeper of the audit log gave it. */
export interface AuditEvidence {
  readonly bundle: unknown;
  /** Of the audit log; not that of the gateway. */
  readonly verifierKey: string;
}

/**
 * How the log stands to a row of a receipt: it shows the row as the receipt says; it shows another one; the keeper signed
 * that it looked and the row is not there, though the gateway promised to record it; nothing was promised; or the evidence
 * does not say.
 */
export type RecordVerdict = 'shown' | 'differs' | 'suppressed' | 'not-kept' | 'unknown';

export interface ReceiptVerdict {
  readonly isGenuine: boolean;
  readonly statement?: ReceiptStatement;
  readonly rows: readonly { readonly predictionId: string; readonly record: RecordVerdict; readonly reason: string }[];
  readonly problems: readonly string[];
}

/** A record may still be on its way so long after the answer: through a gateway that ended, or a stream that was away. */
const graceMs = 600_000;
const logged = 'serving.prediction.logged.v1';

/**
 * Checks a receipt offline and, with evidence, whether what it promises is in the audit log.
 * @param verifierKey of the gateway, got by another way than with the receipt: the log has it in `serving.gateway.started.v1`
 */
export function verifyReceipt(receipt: string, verifierKey: string, evidence?: AuditEvidence): ReceiptVerdict {
  const read = readReceipt(receipt, verifierKey);
  if ('fault' in read) return { isGenuine: false, rows: [], problems: [`the receipt: ${read.fault}`] };
  const { statement } = read;
  const unchecked = (reason: string, problems: readonly string[]): ReceiptVerdict => ({
    isGenuine: true,
    statement,
    rows: statement.rows.map(({ predictionId }) => ({ predictionId, record: 'unknown', reason })),
    problems,
  });
  if (!evidence) return unchecked('no evidence was given', []);
  const { integrity, problems } = verifyEvidence(evidence.bundle, evidence.verifierKey);
  const { bundle } = readEvidence(evidence.bundle);
  if (!integrity || !bundle) return unchecked('the evidence is broken', problems);
  const rows = statement.rows.map((row) => ({ predictionId: row.predictionId, ...judge(row, statement, bundle) }));
  const bad = rows.filter(({ record }) => record === 'differs' || record === 'suppressed');
  return { isGenuine: true, statement, rows, problems: bad.map(({ predictionId, reason }) => `prediction ${predictionId}: ${reason}`) };
}

interface Judged {
  readonly record: RecordVerdict;
  readonly reason: string;
}

function judge(row: ReceiptRow, statement: ReceiptStatement, bundle: EvidenceBundle): Judged {
  const shown = bundle.entries
    .filter(({ facts }) => facts.type === logged)
    .flatMap(({ rows }) => rows ?? [])
    .map(({ payload }) => payload as Record<string, unknown> | null)
    .find((payload) => payload?.['predictionId'] === row.predictionId);
  if (shown) return compare(row, statement, shown);
  if (row.kept === 'none') return { record: 'not-kept', reason: 'the gateway said that it would not record this row' };
  const { question, completeness, createdAt } = bundle;
  const isAbout = question['predictionId'] === row.predictionId || question['id'] === row.predictionId;
  const isMissing = completeness.items.some(({ what, status }) => what === 'prediction' && status === 'missing');
  if (!isAbout || !isMissing) return { record: 'unknown', reason: 'the evidence does not say whether this prediction is in the log' };
  if (Date.parse(createdAt) - Date.parse(statement.answeredAt) < graceMs)
    return { record: 'unknown', reason: 'the evidence was made too early: the record may still have been on its way' };
  return { record: 'suppressed', reason: 'the gateway signed that it recorded this prediction, and the log does not have it' };
}

function compare(row: ReceiptRow, { modelName, modelVersion, artifactDigest }: ReceiptStatement, shown: Record<string, unknown>): Judged {
  const facts: [string, unknown][] = Object.entries({ modelName, modelVersion, artifactDigest });
  const other = facts.find(([name, value]) => shown[name] !== value);
  if (other) return { record: 'differs', reason: `the log has another ${other[0]}` };
  for (const side of ['inputs', 'outputs'] as const) {
    const hash = shown[`${side}Hash`] ?? hashOf(shown[side], row.salt);
    if (hash !== undefined && hash !== row[side]) return { record: 'differs', reason: `the log has other ${side}` };
  }
  return { record: 'shown', reason: 'the log has the row as the receipt says' };
}

/** Undefined for a row that was too large to be recorded with its values. */
function hashOf(columns: unknown, salt: string): string | undefined {
  if (typeof columns !== 'object' || columns === null || Object.keys(columns).length === 0) return undefined;
  return commitTo(columns, Buffer.from(salt, 'hex')).toString('hex');
}
