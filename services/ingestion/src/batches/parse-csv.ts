import { textFault } from '../storable-text.js';
import type { ColumnRule } from '../validation/column-rule.js';
import { shown } from '../validation/reason.js';
import { type CsvRow, csvRows, delimiterOf } from './csv-rows.js';
import { type ParsedContent, type ParsedRow, unreadableRow } from './parsed-row.js';
import { TextWindow } from './text-window.js';

const damaged = '\uFFFD';

/** Reads a CSV batch: checks its header against the columns of the contract and puts the cells into their order. */
export function parseCsv(bytes: Uint8Array, columns: readonly ColumnRule[], unknownColumns: 'ignore' | 'reject'): ParsedContent {
  const source = new TextWindow(bytes);
  const rows = csvRows(source, delimiterOf(source.text));
  const first = rows.next();
  if (first.done) return { faults: ['the batch is empty: not even a header'], notes: [], rows: [] };
  const header = first.value.cells.map((name) => name.trim());
  const { faults, notes, order } = fitHeader(header, first.value.fault, columns, unknownColumns);
  if (faults.length > 0) return { faults, notes, rows: [] };
  return { faults, notes, rows: recordsOf(rows, header, order, source) };
}

function fitHeader(
  header: readonly string[],
  fault: string | undefined,
  columns: readonly ColumnRule[],
  unknownColumns: 'ignore' | 'reject',
) {
  const faults: string[] = fault ? [`the header cannot be read: ${fault}`] : [];
  const notes: string[] = [];
  const twice = header.filter((name, at) => header.indexOf(name) !== at);
  if (twice.length > 0) faults.push(`the header names ${listed(twice)} more than once`);
  const order = columns.map((column) => {
    const at = header.indexOf(column.header);
    return at >= 0 ? at : header.indexOf(column.name);
  });
  const absent = columns.filter((_, i) => order[i]! < 0);
  const needed = absent.filter(({ required }) => required);
  if (needed.length > 0) faults.push(`the header lacks ${listed(needed.map((column) => column.header))}`);
  const optional = absent.filter(({ required }) => !required);
  if (optional.length > 0) notes.push(`the header lacks the optional ${listed(optional.map((column) => column.header))}`);
  const unknown = header.filter((_, at) => !order.includes(at));
  if (unknown.length > 0 && unknownColumns === 'reject') faults.push(`the contract does not know the columns ${listed(unknown)}`);
  else if (unknown.length > 0) notes.push(`columns the contract does not know were left out: ${listed(unknown)}`);
  return { faults, notes, order };
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 20).map((name) => JSON.stringify(name));
  return names.length > 20 ? `${shown.join(', ')} and ${names.length - 20} more` : shown.join(', ');
}

function* recordsOf(rows: Iterable<CsvRow>, header: readonly string[], order: readonly number[], source: TextWindow): Generator<ParsedRow> {
  const { isClean } = source;
  const hasNul = source.has(0);
  let row = 0;
  for (const { cells, raw, fault } of rows) {
    row++;
    if (fault) yield unreadableRow(row, raw, fault);
    else if (cells.length !== header.length)
      yield unreadableRow(row, raw, `the row has ${cells.length} cells where the header has ${header.length}`);
    else if (!isClean && raw.includes(damaged)) yield unreadableRow(row, raw, 'the row is not UTF-8');
    else if (hasNul && raw.includes('\0')) yield unstorable(new CsvRecord(row, header, cells, order, raw.length), header, cells);
    else yield new CsvRecord(row, header, cells, order, raw.length);
  }
}

function unstorable({ row, record, length }: CsvRecord, header: readonly string[], cells: readonly string[]): ParsedRow {
  const at = cells.findIndex((cell) => cell.includes('\0'));
  const message = `${shown(header[at])} ${textFault(cells[at]!)}`;
  return { row, record, length, cells: [], fault: { code: 'unstorable_text', field: header[at]!.slice(0, 200), message } };
}

/** The record as an object is made on demand: only quarantined rows need it. */
class CsvRecord implements ParsedRow {
  readonly cells: readonly unknown[];

  constructor(
    readonly row: number,
    private readonly header: readonly string[],
    private readonly sent: readonly string[],
    order: readonly number[],
    readonly length: number,
  ) {
    this.cells = order.map((at) => (at < 0 ? undefined : sent[at]));
  }

  get record(): unknown {
    return Object.fromEntries(this.header.map((name, at) => [name, this.sent[at]]));
  }
}
