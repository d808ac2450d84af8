import type { TableFacts } from '@bascule/tables';
import type { Reason } from '../validation/reason.js';

/** One record as it was sent, before its contract is asked. */
export interface ParsedRow {
  /** Number of the record in the batch, from 1; a CSV header is not counted. */
  readonly row: number;
  /** Line of the content it begins on, from 1; 0 where the format has no lines. */
  readonly line: number;
  /** Cells in the order of the contract's columns. */
  readonly cells: readonly unknown[];
  /** The record for people: names to values, or `{ raw }` when it could not be read. */
  readonly record: unknown;
  /** The original text. */
  readonly raw: string;
  /** Characters it was sent in: what it may cost to keep it in memory. */
  readonly length: number;
  /** A field of it that is called like something of the language, and that the contract does not know. */
  readonly prototypeKey?: string | undefined;
  /** Why the record could not be read at all. */
  readonly fault?: Reason;
}

/** The content of a batch: its records in blocks, or why there are none. */
export interface ParsedContent {
  readonly faults: readonly string[];
  readonly notes: readonly string[];
  /** What was told or found out about the content; undefined when it could not be opened. */
  readonly facts?: TableFacts;
  readonly blocks: AsyncIterable<readonly ParsedRow[]>;
}

const rawLength = 4000;

/** The record of a row that cannot be read: its text, cut to a length that people read. */
export function rawRecord(raw: string): unknown {
  return { raw: raw.slice(0, rawLength) };
}
