import type { TableLimits } from './limits.js';

export const tableFormats = ['csv', 'ndjson', 'json', 'parquet'] as const;
/** TSV is CSV whose delimiter is the tabulator; `json` is one array of objects. */
export type TableFormat = (typeof tableFormats)[number];

export const compressions = ['none', 'gzip', 'zstd'] as const;
export type Compression = (typeof compressions)[number];

export const encodings = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252', 'iso-8859-1'] as const;
export type Encoding = (typeof encodings)[number];

/** Why a row cannot be taken as it is. */
export interface RowFault {
  readonly code: 'ragged' | 'unreadable' | 'not_encoded' | 'too_long';
  readonly message: string;
}

/** One record as it was sent. */
export interface Row {
  /** Number of the record, from 1; a header is not counted. */
  readonly number: number;
  /** Line of the text it begins on, from 1; 0 where the format has no lines. */
  readonly line: number;
  /** Values in the order of the reader's columns; CSV has text only. Empty in NDJSON and JSON, whose rows have a `record`. */
  readonly cells: readonly unknown[];
  /** The object of an NDJSON or JSON row that could be read. */
  readonly record?: Readonly<Record<string, unknown>>;
  /** The original text, without its line end; of Parquet a JSON object. A row that is too long is cut. */
  readonly raw: string;
  /** Characters of the original text: what it may cost to keep the row. */
  readonly length: number;
  readonly fault?: RowFault;
  /** True when the text around the row holds U+0000 or half a surrogate pair, which not every store takes. */
  readonly isSuspect?: boolean;
}

/** What was told or found out about a table; `sureness` is 1 where it was told or is certain, down to 0 for a guess. */
export interface TableFacts {
  readonly format: TableFormat;
  readonly compression: Compression;
  readonly encoding?: Encoding;
  readonly delimiter?: string;
  /** Empty where nothing is quoted. */
  readonly quote?: string;
  readonly hasHeader?: boolean;
  /** Names that the header has more than once. */
  readonly duplicateColumns: readonly string[];
  readonly sureness: Readonly<Partial<Record<'format' | 'encoding' | 'delimiter' | 'header', number>>>;
}

/** Everything that can be told instead of found out. */
export interface TableOptions {
  readonly format?: TableFormat | undefined;
  /** It is told to be JSON: an array, or else line by line. */
  readonly isJson?: boolean | undefined;
  readonly compression?: Compression | undefined;
  readonly encoding?: Encoding | undefined;
  readonly delimiter?: string | undefined;
  readonly quote?: string | undefined;
  readonly header?: boolean | undefined;
  /** Names for a table without a header. */
  readonly columns?: readonly string[];
  /** Names the table is likely to have: a first row with one of them is a header. */
  readonly expectedColumns?: readonly string[];
  readonly limits?: Partial<TableLimits>;
  /** A file with the same bytes as the stream: Parquet is read from there, once the stream has come to its end without an error. */
  readonly file?: string | undefined;
}

/** A table that is read once, from its beginning to its end. */
export interface TableReader {
  readonly facts: TableFacts;
  /** Names of the columns, made distinct; of NDJSON and JSON those of the first records. */
  readonly columns: readonly string[];
  /** Blocks of about a thousand rows. Ends early, and frees what is open, when the loop is left. */
  rows(): AsyncIterable<readonly Row[]>;
  /** A function that takes the named values out of a row, undefined where there is none. */
  picker(names: readonly string[]): (row: Row) => readonly unknown[];
  /** Frees what is open when `rows` is never read. */
  close(): Promise<void>;
}

/** Values in the order of columns. */
export function pickerFor(columns: readonly string[], names: readonly string[]): (row: Row) => readonly unknown[] {
  const order = names.map((name) => columns.indexOf(name));
  return ({ cells, record }) => {
    if (!record) return order.map((at) => (at < 0 ? undefined : cells[at]));
    // own fields only: a column may be called "constructor"
    return names.map((name) => (Object.hasOwn(record, name) ? record[name] : undefined));
  };
}
