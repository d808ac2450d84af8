import type { Reason } from '../validation/reason.js';

/** One record as it was sent, before its contract is asked. */
export interface ParsedRow {
  /** Number of the record in the batch, from 1; a CSV header is not counted. */
  readonly row: number;
  /** Cells in the order of the contract's columns. */
  readonly cells: readonly unknown[];
  /** The record for people: names to values, or `{ raw }` when it could not be read. */
  readonly record: unknown;
  /** Characters it was sent in: what it may cost to keep it in memory. */
  readonly length: number;
  /** Why the record could not be read at all. */
  readonly fault?: Reason;
}

/** The content of a batch: its records, or why there are none. */
export interface ParsedContent {
  readonly faults: readonly string[];
  readonly notes: readonly string[];
  readonly rows: Iterable<ParsedRow>;
}

const rawLength = 4000;

/** A record that cannot be read. The text is kept, cut to a length that people read. */
export function unreadableRow(row: number, raw: string, message: string): ParsedRow {
  return { row, cells: [], record: { raw: raw.slice(0, rawLength) }, length: raw.length, fault: { code: 'unparsable_row', message } };
}
