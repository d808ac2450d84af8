import type { ByteSource } from './byte-source.js';
import { contentFault } from './content-fault.js';
import { findDialect, firstRows } from './csv-dialect.js';
import { distinctNames, findHeader } from './csv-header.js';
import { CsvRows } from './csv-rows.js';
import { decoded, findEncoding, type TextChunk } from './encoding.js';
import { tableUnreadable, tooManyColumns } from './errors.js';
import { JsonArrayRows } from './json-array-rows.js';
import { NdjsonRows } from './json-rows.js';
import type { TableLimits } from './limits.js';
import { type Compression, pickerFor, type Row, type TableFacts, type TableFormat, type TableOptions, type TableReader } from './table.js';

const blockRows = 1000;
const sampledRecords = 100;

interface TextRows {
  push(chunk: TextChunk, isLast: boolean): Row[];
}

/** What is known of a text table before its rows are read. */
interface Opened {
  readonly facts: TableFacts;
  readonly columns: readonly string[];
  readonly reader: TextRows;
}

/** Opens CSV, NDJSON or a JSON array, whose first bytes are given. */
export async function openText(
  bytes: ByteSource,
  head: Buffer,
  compression: Compression,
  options: TableOptions,
  limits: TableLimits,
): Promise<TableReader> {
  const found = options.encoding ? { encoding: options.encoding, sureness: 1 } : findEncoding(head);
  const sample = await sampleOf(head, found.encoding);
  refuseBinary(head, sample, options.format !== undefined);
  const format = options.format ?? formatOf(sample, options.isJson);
  const shared = { compression, encoding: found.encoding, duplicateColumns: [] };
  const sureness = { encoding: found.sureness, format: options.format ? 1 : format === 'csv' ? 0.8 : 0.9 };
  const open = format === 'csv' ? openCsv : openJson;
  const { facts, columns, reader } = open(sample, bytes.isWhole, options, limits, { ...shared, format, sureness });
  return {
    facts,
    columns,
    rows: () => rowsOf(bytes, found.encoding, reader),
    picker: (names) => pickerFor(columns, names),
    close: async () => bytes.close(),
  };
}

async function sampleOf(head: Buffer, encoding: Parameters<typeof decoded>[1]): Promise<string> {
  let sample = '';
  for await (const { text } of decoded(only(head), encoding)) sample += text;
  return sample;
}

async function* only(head: Buffer): AsyncGenerator<Buffer> {
  yield head;
}

function refuseBinary(head: Buffer, sample: string, isTold: boolean): void {
  if (head.subarray(0, 4).toString('latin1') === 'PK\x03\x04')
    throw tableUnreadable({}, 'the content is a ZIP archive or an Excel workbook; save it as CSV');
  if (isTold) return;
  const start = sample.slice(0, 4096);
  let controls = 0;
  for (let i = 0; i < start.length; i++) {
    const code = start.charCodeAt(i);
    if (code < 32 && code !== 9 && code !== 10 && code !== 13) controls++;
  }
  if (controls > 0.1 * start.length) throw tableUnreadable({}, 'the content is neither text nor Parquet');
}

function formatOf(sample: string, isJson = false): TableFormat {
  const start = sample.slice(0, 1000).trimStart();
  if (isJson) return start.startsWith('[') ? 'json' : 'ndjson';
  if (/^\[\s*(?:[[{\]]|$)/.test(start)) return 'json';
  return start.startsWith('{') ? 'ndjson' : 'csv';
}

/** What spreadsheets write before the header, to tell the delimiter to each other. */
const delimiterLine = /^"?sep=([^\r\n"])"?\r?\n/i;

function openCsv(text: string, isWhole: boolean, given: TableOptions, limits: TableLimits, facts: TableFacts): Opened {
  const line = delimiterLine.exec(text);
  const options = line ? { ...given, delimiter: given.delimiter ?? line[1] } : given;
  const sample = line ? text.slice(line[0].length) : text;
  const { dialect, sureness } = findDialect(sample, isWhole, options);
  const first = firstRows(sample, isWhole, dialect);
  if (first.length === 0 && sample.trim() !== '')
    throw tableUnreadable(
      {},
      'the first row cannot be read: a quote is opened and never closed, text follows a closing quote, or it is too long',
    );
  const width = first[0]?.length ?? 0;
  if (width > limits.columns) throw tooManyColumns({ columns: width, limit: limits.columns });
  const told = options.header !== undefined;
  const header = told ? { hasHeader: options.header!, sureness: 1 } : findHeader(first, options.expectedColumns ?? []);
  const unnamed = Array.from({ length: width }, (_, at) => options.columns?.[at] ?? `column_${at + 1}`);
  const { columns, duplicates } = distinctNames(header.hasHeader ? (first[0] ?? []) : unnamed);
  return {
    columns,
    facts: {
      ...facts,
      delimiter: dialect.delimiter,
      quote: dialect.quote,
      hasHeader: header.hasHeader,
      duplicateColumns: duplicates,
      sureness: { ...facts.sureness, delimiter: sureness, header: header.sureness },
    },
    reader: new CsvRows(dialect, width, limits, header.hasHeader, line?.[0].length),
  };
}

function openJson(sample: string, isWhole: boolean, _options: TableOptions, limits: TableLimits, facts: TableFacts): Opened {
  const make = () => (facts.format === 'json' ? new JsonArrayRows(limits) : new NdjsonRows(limits));
  const names = new Set<string>();
  for (const { record } of make().push({ text: sample, isDamaged: false }, isWhole).slice(0, sampledRecords))
    for (const name of Object.keys(record ?? {})) names.add(name);
  return { columns: [...names], facts, reader: make() };
}

async function* rowsOf(bytes: ByteSource, encoding: Parameters<typeof decoded>[1], reader: TextRows): AsyncGenerator<readonly Row[]> {
  try {
    for await (const chunk of decoded(bytes, encoding)) yield* blocksOf(reader.push(chunk, false));
    yield* blocksOf(reader.push({ text: '', isDamaged: false }, true));
  } catch (error) {
    throw contentFault(error, 'the content cannot be read to its end');
  } finally {
    bytes.close();
  }
}

function* blocksOf(rows: readonly Row[]): Generator<readonly Row[]> {
  for (let from = 0; from < rows.length; from += blockRows) yield rows.slice(from, from + blockRows);
}
