import type { ColumnRule } from '../validation/column-rule.js';
import { shown } from '../validation/reason.js';
import { decodeText, type ParsedContent, type ParsedRow, unreadableRow } from './parsed-row.js';

const damaged = '\uFFFD';

/** Reads a batch of one JSON object per line. Fields go by the name of the column or by the name it is sent under. Blank lines are skipped. */
export function parseNdjson(bytes: Uint8Array, columns: readonly ColumnRule[], unknownColumns: 'ignore' | 'reject'): ParsedContent {
  const { text, isClean } = decodeText(bytes);
  return { faults: [], notes: [], rows: recordsOf(text, isClean, columns, unknownColumns) };
}

function* recordsOf(
  text: string,
  isClean: boolean,
  columns: readonly ColumnRule[],
  unknownColumns: 'ignore' | 'reject',
): Generator<ParsedRow> {
  const known = new Set(columns.flatMap(({ name, header }) => [name, header]));
  let row = 0;
  let position = 0;
  while (position < text.length) {
    let end = text.indexOf('\n', position);
    if (end < 0) end = text.length;
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
  const extra = known && Object.keys(record).find((name) => !known.has(name));
  if (extra !== undefined) {
    const message = `the contract does not know the field ${shown(extra)}`;
    return { row, cells: [], record, fault: { code: 'unknown_column', field: extra.slice(0, 200), message } };
  }
  return { row, record, cells: columns.map(({ name, header }) => own(record, header) ?? own(record, name)) };
}

// own fields only: a column may be called "constructor"
function own(record: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
