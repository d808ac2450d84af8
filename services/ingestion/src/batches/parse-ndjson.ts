import { storageFault } from '../storable-text.js';
import type { ColumnRule } from '../validation/column-rule.js';
import { shown } from '../validation/reason.js';
import { type ParsedContent, type ParsedRow, unreadableRow } from './parsed-row.js';
import { longestRecord, TextWindow } from './text-window.js';

const damaged = '\uFFFD';

/** Reads a batch of one JSON object per line. Fields go by the name of the column or by the name it is sent under. Blank lines are skipped. */
export function parseNdjson(bytes: Uint8Array, columns: readonly ColumnRule[], unknownColumns: 'ignore' | 'reject'): ParsedContent {
  return { faults: [], notes: [], rows: recordsOf(new TextWindow(bytes), columns, unknownColumns) };
}

function* recordsOf(source: TextWindow, columns: readonly ColumnRule[], unknownColumns: 'ignore' | 'reject'): Generator<ParsedRow> {
  const known = new Set(columns.flatMap(({ name, header }) => [name, header]));
  let row = 0;
  let position = 0;
  for (;;) {
    if (source.isShortAt(position)) {
      source.fill(position);
      position = 0;
    }
    const { text, isClean } = source;
    if (position >= text.length) return;
    let end = text.indexOf('\n', position);
    if (end < 0) end = text.length;
    if (end - position > longestRecord) {
      yield unreadableRow(++row, text.slice(position, position + longestRecord), `the line is longer than ${longestRecord} characters`);
      position = source.skipLine(position, '\n');
      continue;
    }
    const line = text.slice(position, end).trim();
    position = end + 1;
    if (line === '') continue;
    row++;
    if (!isClean && line.includes(damaged)) yield unreadableRow(row, line, 'the line is not UTF-8');
    else yield recordOf(row, line, columns, unknownColumns === 'reject' ? known : undefined);
  }
}

function recordOf(row: number, line: string, columns: readonly ColumnRule[], known: ReadonlySet<string> | undefined): ParsedRow {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch (error) {
    return unreadableRow(row, line, `the line is not JSON: ${(error as Error).message}`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    return unreadableRow(row, line, 'the line is not a JSON object');
  const record = parsed as Record<string, unknown>;
  const { length } = line;
  const fault = mayHide(line) ? storageFault(record) : undefined;
  if (fault?.kind === 'too_deep') return unreadableRow(row, line, `the record ${fault.message}`);
  if (fault) {
    const field = fault.path[0] === undefined ? {} : { field: String(fault.path[0]).slice(0, 200) };
    const message = `${field.field === undefined ? 'the record' : shown(field.field)} ${fault.message}`;
    return { row, cells: [], record, length, fault: { code: fault.kind, ...field, message } };
  }
  const extra = known && Object.keys(record).find((name) => !known.has(name));
  if (extra !== undefined) {
    const message = `the contract does not know the field ${shown(extra)}`;
    return { row, cells: [], record, length, fault: { code: 'unknown_column', field: extra.slice(0, 200), message } };
  }
  return { row, record, length, cells: columns.map(({ name, header }) => own(record, header) ?? own(record, name)) };
}

// only an escape can stand for U+0000 or half a pair, and only a long line is deep
function mayHide(line: string): boolean {
  return line.length > 400 || line.includes('\\u');
}

// own fields only: a column may be called "constructor"
function own(record: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
