import type { Readable } from 'node:stream';
import { BasculeError } from '@bascule/platform';
import { openTable, type Row, type TableOptions, type TableReader } from '@bascule/tables';
import type { ColumnRule } from '../validation/column-rule.js';
import { fitColumns } from './fit-columns.js';
import { jsonParser } from './json-row.js';
import { type ParsedContent, type ParsedRow, rawRecord } from './parsed-row.js';
import { unstorableCell } from './unstorable-cell.js';

/**
 * Reads the content of a batch in blocks: finds out what it is, holds its columns against those of the contract, and puts the values into their order.
 * Content that is no table has a fault and no rows.
 */
export async function readContent(
  source: Readable | string,
  rules: readonly ColumnRule[],
  unknownColumns: 'ignore' | 'reject',
  options: TableOptions = {},
): Promise<ParsedContent> {
  let table: TableReader;
  try {
    // the order of the contract stands in for a header only where its absence is told, not where it is guessed
    const columns = options.header === false ? { columns: rules.map(({ header }) => header) } : {};
    table = await openTable(source, { ...options, ...columns, expectedColumns: rules.flatMap(({ name, header }) => [name, header]) });
  } catch (error) {
    return { faults: [faultOf(error)], notes: [], blocks: none() };
  }
  const { facts } = table;
  if (facts.format === 'json' || facts.format === 'ndjson')
    return { faults: [], notes: [], facts, blocks: blocksOf(table, jsonParser(rules, unknownColumns)) };
  const { faults, notes, order } = fitColumns(table, rules, unknownColumns, options.header !== undefined);
  if (faults.length > 0) await table.close();
  const isInOrder = order.length === table.columns.length && order.every((at, i) => at === i);
  const parse = (row: Row) => columnRow(row, table.columns, order, isInOrder);
  return { faults, notes, facts, blocks: faults.length > 0 ? none() : blocksOf(table, parse) };
}

/** Why content cannot be read, for its sender. @throws what is not the fault of the content */
export function faultOf(error: unknown): string {
  if (error instanceof BasculeError && error.kind === 'unprocessable') return error.detail ?? error.title;
  throw error;
}

async function* none(): AsyncGenerator<readonly ParsedRow[]> {}

async function* blocksOf(table: TableReader, parse: (row: Row) => ParsedRow): AsyncGenerator<readonly ParsedRow[]> {
  for await (const rows of table.rows()) yield rows.map(parse);
}

function columnRow(source: Row, columns: readonly string[], order: readonly number[], isInOrder: boolean): ParsedRow {
  const { fault, isSuspect, cells } = source;
  if (fault) return new ColumnRow(source, columns, [], { code: 'unparsable_row', message: fault.message });
  const unstorable = isSuspect ? unstorableCell(columns, cells) : undefined;
  if (unstorable) return new ColumnRow(source, columns, [], unstorable);
  return new ColumnRow(source, columns, isInOrder ? cells : ordered(cells, order));
}

function ordered(cells: readonly unknown[], order: readonly number[]): unknown[] {
  const values = new Array<unknown>(order.length);
  for (let i = 0; i < order.length; i++) values[i] = order[i]! < 0 ? undefined : cells[order[i]!];
  return values;
}

/** Text and record are made on demand: only quarantined rows need them. */
class ColumnRow implements ParsedRow {
  constructor(
    private readonly source: Row,
    private readonly columns: readonly string[],
    readonly cells: readonly unknown[],
    readonly fault?: NonNullable<ParsedRow['fault']>,
  ) {}

  get row(): number {
    return this.source.number;
  }

  get line(): number {
    return this.source.line;
  }

  get length(): number {
    return this.source.length;
  }

  get raw(): string {
    return this.source.raw;
  }

  get record(): unknown {
    if (this.fault?.code === 'unparsable_row') return rawRecord(this.raw);
    return Object.fromEntries(this.columns.map((name, at) => [name, this.source.cells[at]]));
  }
}
