import type { QuarantinedRecordEntity } from './quarantined-record.entity.js';

const columns = ['row', 'line', 'status', 'codes', 'fields', 'messages', 'raw'] as const;

/** What of a record stands in a file. */
export type FiledRecord = Pick<QuarantinedRecordEntity, 'row' | 'line' | 'status' | 'reasons' | 'raw' | 'record'>;

/** Records as JSON lines: the record as it was sent, with its reasons. */
export async function* asNdjson(records: AsyncIterable<FiledRecord>): AsyncGenerator<string> {
  for await (const { row, line, status, reasons, raw, record } of records)
    yield `${JSON.stringify({ row, line, status, reasons, raw, record })}\n`;
}

/** Records as CSV for people: one line each; nothing in it is run by a spreadsheet. */
export async function* asCsv(records: AsyncIterable<FiledRecord>): AsyncGenerator<string> {
  yield `${columns.join(',')}\r\n`;
  for await (const { row, line, status, reasons, raw } of records) {
    const list = (pick: (reason: (typeof reasons)[number]) => string | undefined) => reasons.map((reason) => pick(reason) ?? '').join('; ');
    const texts = [list(({ code }) => code), list(({ field }) => field), list(({ message }) => message), raw ?? ''];
    yield `${[row, line, status, ...texts.map(cell)].join(',')}\r\n`;
  }
}

function cell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${harmless.replaceAll('"', '""')}"`;
}
