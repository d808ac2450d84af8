import { longestRecord, type TextWindow } from './text-window.js';

/** A row of a CSV text: its cells, or why they could not be told apart. */
export interface CsvRow {
  readonly cells: readonly string[];
  readonly raw: string;
  readonly fault?: string;
}

const delimiters = [',', ';', '\t', '|'];
/** After so many quotes that never close, a quoted field has to close on its own line: bounds the work a broken file can cause. */
const runawayLimit = 100;
const tooLong = `the row is longer than ${longestRecord} characters`;

/** The delimiter that occurs most often in the first line; the comma when none does. */
export function delimiterOf(text: string): string {
  const end = text.search(/[\r\n]/);
  const line = end < 0 ? text : text.slice(0, end);
  const counts = delimiters.map((delimiter) => line.split(delimiter).length);
  return delimiters[counts.indexOf(Math.max(...counts))]!;
}

/**
 * Reads CSV (RFC 4180): quoted fields with delimiters, quotes and line ends inside, LF, CRLF or CR. Blank lines are skipped.
 * A row never swallows the next one: rows may have any number of cells, and a quote that does not close spoils its own line only.
 */
export function* csvRows(source: TextWindow, delimiter: string): Generator<CsvRow> {
  const newline = source.has(10) ? '\n' : '\r';
  let runaways = 0;
  let { text } = source;
  let quote = text.indexOf('"');
  let position = 0;
  for (;;) {
    if (source.isShortAt(position)) {
      source.fill(position);
      ({ text } = source);
      quote = text.indexOf('"');
      position = 0;
    }
    if (position >= text.length) return;
    let lineEnd = text.indexOf(newline, position);
    if (lineEnd < 0) lineEnd = text.length;
    if (lineEnd - position > longestRecord) {
      yield { cells: [], raw: text.slice(position, position + longestRecord), fault: tooLong };
      position = source.skipLine(position, newline);
      ({ text } = source);
      quote = text.indexOf('"', position);
      continue;
    }
    if (quote >= 0 && quote < position) quote = text.indexOf('"', position);
    const contentEnd = text.charCodeAt(lineEnd - 1) === 13 && lineEnd > position ? lineEnd - 1 : lineEnd;
    if (quote < 0 || quote >= lineEnd) {
      if (contentEnd > position) {
        const raw = text.slice(position, contentEnd);
        yield { cells: raw.split(delimiter), raw };
      }
      position = lineEnd + 1;
      continue;
    }
    const limit = runaways < runawayLimit ? Math.min(text.length, position + longestRecord) : lineEnd;
    const quoted = quotedRow(text, position, limit, delimiter, newline);
    if ('fault' in quoted) {
      runaways++;
      yield { cells: [], raw: text.slice(position, contentEnd), fault: quoted.fault };
      position = lineEnd + 1;
    } else {
      yield { cells: quoted.cells, raw: text.slice(position, quoted.end) };
      position = quoted.end + 1;
    }
  }
}

function quotedRow(
  text: string,
  start: number,
  limit: number,
  delimiter: string,
  newline: string,
): { cells: string[]; end: number } | { fault: string } {
  const cells: string[] = [];
  let position = start;
  let end = -1;
  for (;;) {
    if (text.charCodeAt(position) === 34) {
      const close = closingQuote(text, position + 1, limit);
      if (close < 0) return { fault: 'a quote is opened and never closed' };
      const inner = text.slice(position + 1, close);
      cells.push(inner.includes('"') ? inner.replaceAll('""', '"') : inner);
      position = close + 1;
      if (newline === '\n' && text.charCodeAt(position) === 13) position++;
      const next = text[position];
      if (next === delimiter) {
        position++;
        continue;
      }
      if (next === undefined || next === newline) return { cells, end: position };
      return { fault: 'text follows a closing quote' };
    }
    if (end < position) end = text.indexOf(newline, position);
    if (end < 0) end = text.length;
    if (end > limit) return { fault: tooLong };
    // within the line: a delimiter that never comes is not sought to the end of the text for every row
    const comma = text.slice(position, end).indexOf(delimiter);
    if (comma >= 0) {
      cells.push(text.slice(position, position + comma));
      position += comma + 1;
      continue;
    }
    const last = text.slice(position, end);
    cells.push(last.endsWith('\r') ? last.slice(0, -1) : last);
    return { cells, end };
  }
}

function closingQuote(text: string, from: number, limit: number): number {
  let at = text.indexOf('"', from);
  while (at >= 0 && text.charCodeAt(at + 1) === 34) at = text.indexOf('"', at + 2);
  return at >= limit ? -1 : at;
}
