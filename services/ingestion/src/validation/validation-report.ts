import type { TableFacts } from '@bascule/tables';

/** The outcome of everything a contract expects of a batch. */
export interface ValidationReport {
  readonly recordCount: number;
  readonly acceptedCount: number;
  /** Records that were not accepted, duplicates among them: accepted and quarantined add up to the records of a validated batch. */
  readonly quarantinedCount: number;
  readonly duplicateCount: number;
  /** Reason code to number of records. */
  readonly reasons: Record<string, number>;
  /** Column to number of records without a value. */
  readonly missing: Record<string, number>;
  readonly expectations: readonly { text: string; measured: number; holds: boolean }[];
  readonly notes: readonly string[];
  /** Why the batch as a whole was rejected. */
  readonly rejection: readonly string[];
  /** What was told or found out about the content: format, encoding, delimiter and so on; absent when it could not be opened. */
  readonly content?: TableFacts;
}
