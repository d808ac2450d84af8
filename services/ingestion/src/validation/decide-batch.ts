import type { Finding } from './compare-history.js';
import type { Severity } from './expectation.js';
import type { Reason } from './reason.js';

/** What is known about a batch when its fate is decided. */
export interface BatchEvidence {
  readonly recordCount: number;
  /** Records that miss the contract. Duplicates do not count: sending a batch twice is no fault of its records. */
  readonly faultyCount: number;
  readonly maxQuarantinedPercent: number;
  /** Without a severity a miss is an error. */
  readonly expectations: readonly { text: string; measured: number; holds: boolean; severity?: Severity }[];
  /** What the history of the dataset does not explain. */
  readonly findings?: readonly Pick<Finding, 'severity' | 'message'>[];
  /** Faults of the header or of the content as a whole. */
  readonly contentFaults: readonly string[];
}

export type BatchDecision = { outcome: 'validated' } | { outcome: 'rejected'; reasons: string[] };

/** Decides whether the good records of a batch may enter the dataset. */
export function decideBatch(evidence: BatchEvidence): BatchDecision {
  const { recordCount, faultyCount, maxQuarantinedPercent } = evidence;
  const reasons = [...evidence.contentFaults];
  if (reasons.length === 0 && recordCount === 0) reasons.push('the batch holds no records');
  const percent = recordCount === 0 ? 0 : (100 * faultyCount) / recordCount;
  if (percent > maxQuarantinedPercent) {
    reasons.push(
      `${faultyCount} of ${recordCount} records (${percent.toFixed(1)} %) miss the contract; at most ${maxQuarantinedPercent} % may`,
    );
  }
  reasons.push(...missesOf(evidence, 'error'));
  return reasons.length === 0 ? { outcome: 'validated' } : { outcome: 'rejected', reasons };
}

/** What a batch misses without being rejected for it. */
export function warningsOf(evidence: BatchEvidence): string[] {
  return missesOf(evidence, 'warning');
}

function missesOf({ recordCount, expectations, findings = [] }: BatchEvidence, wanted: Severity): string[] {
  if (recordCount === 0) return [];
  const missed = expectations.filter(({ holds, severity = 'error' }) => !holds && severity === wanted);
  return [
    ...missed.map(({ text, measured }) => `${text}: measured ${Number(measured.toFixed(3))}`),
    ...findings.filter(({ severity }) => severity === wanted).map(({ message }) => message),
  ];
}

/** Reason code to number of records, each record counted once per code; added to what was counted before. */
export function countReasons(rows: readonly { reasons: readonly Reason[] }[], counts: Record<string, number> = {}): Record<string, number> {
  for (const { reasons } of rows) for (const code of new Set(reasons.map((reason) => reason.code))) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}
