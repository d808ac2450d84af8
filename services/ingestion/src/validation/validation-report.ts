import type { TableFacts } from '@bascule/tables';
import type { RepairSummary } from '../repairs/repair-log.js';
import type { Finding } from './compare-history.js';
import type { Outcome } from './expectation.js';
import type { FlagCounts } from './guards.js';

export const verdicts = ['accepted', 'accepted_with_quarantine', 'rejected'] as const;
export type Verdict = (typeof verdicts)[number];

/** Where the records of a batch went: accepted, quarantined, dropped by policy and rejected with their batch are all that was read. */
export interface Balance {
  readonly read: number;
  readonly accepted: number;
  readonly quarantined: number;
  /** Repetitions that the contract says to drop. */
  readonly dropped: number;
  /** Of a rejected batch: records that were not accepted for that alone. */
  readonly rejected?: number;
}

/** The outcome of everything a contract expects of a batch. Reports of before something was kept lack it. */
export interface ValidationReport {
  readonly verdict?: Verdict;
  readonly recordCount: number;
  readonly acceptedCount: number;
  /** Records that went to quarantine for their own sake, as in the balance; repetitions that the contract says to drop are none of them. */
  readonly quarantinedCount: number;
  /** Repetitions of other records, quarantined or dropped. */
  readonly duplicateCount: number;
  /** Of every batch whose records were read. */
  readonly balance?: Balance;
  /** Records of the dataset whose place the accepted ones took. */
  readonly replacedCount?: number;
  /** Reason code to number of records. */
  readonly reasons: Record<string, number>;
  /** Column to number of records without a value. */
  readonly missing: Record<string, number>;
  readonly expectations: readonly (Pick<Outcome, 'text' | 'measured' | 'holds'> & Partial<Outcome>)[];
  /** What the history of the dataset does not explain. */
  readonly findings?: readonly Finding[];
  /** What was missed without being a reason to reject. */
  readonly warnings?: readonly string[];
  readonly flags?: FlagCounts;
  readonly repairs?: RepairSummary;
  readonly notes: readonly string[];
  /** Why the batch as a whole was rejected. */
  readonly rejection: readonly string[];
  /** What was told or found out about the content: format, encoding, delimiter and so on; absent when it could not be opened. */
  readonly content?: TableFacts;
}
