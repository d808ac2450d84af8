import type { TextChunk } from './encoding.js';
import type { TableLimits } from './limits.js';
import type { Row, RowFault } from './table.js';

/** Makes the row of one JSON text. */
export function jsonRow(number: number, line: number, raw: string, what: string, isDamaged: boolean): Row {
  const fault = (message: string, code: RowFault['code'] = 'unreadable'): Row => ({
    ...{ number, line, cells: [], raw, length: raw.length },
    fault: { code, message },
  });
  if (isDamaged && raw.includes('\uFFFD')) return fault(`the ${what} is not UTF-8`, 'not_encoded');
  let parsed: unknown;
  try {
    parsed = JSON.parse(raw);
  } catch (error) {
    return fault(`the ${what} is not JSON: ${(error as Error).message}`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return fault(`the ${what} is not a JSON object`);
  return { number, line, cells: [], record: parsed as Record<string, unknown>, raw, length: raw.length };
}

/** Reads one JSON object per line. Blank lines are skipped. */
export class NdjsonRows {
  private rest = '';
  private isDamaged = false;
  private isSkipping = false;
  private number = 0;
  private line = 0;

  constructor(private readonly limits: TableLimits) {}

  /** Takes the next stretch. @returns the rows that are complete; with `isLast` all of them */
  push(chunk: TextChunk, isLast: boolean): Row[] {
    const text = this.rest + chunk.text + (isLast ? '\n' : '');
    const isDamaged = chunk.isDamaged || this.isDamaged;
    const rows: Row[] = [];
    let position = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', position)) {
      this.line++;
      if (this.isSkipping) this.isSkipping = false;
      else this.take(text, position, end, isDamaged, rows);
      position = end + 1;
    }
    this.rest = this.isSkipping ? '' : text.slice(position);
    this.isDamaged = chunk.isDamaged;
    if (this.rest.length > this.limits.recordLength) {
      rows.push(this.tooLong(this.rest));
      this.rest = '';
      this.isSkipping = true;
    }
    return rows;
  }

  private take(text: string, start: number, end: number, isDamaged: boolean, rows: Row[]): void {
    if (end - start > this.limits.recordLength) {
      rows.push(this.tooLong(text.slice(start, start + this.limits.recordLength)));
      return;
    }
    const line = text.slice(start, end).trim();
    if (line !== '') rows.push(jsonRow(++this.number, this.line, line, 'line', isDamaged));
  }

  private tooLong(raw: string): Row {
    const message = `the line is longer than ${this.limits.recordLength} characters`;
    const cut = raw.slice(0, this.limits.recordLength);
    return { number: ++this.number, line: this.line, cells: [], raw: cut, length: cut.length, fault: { code: 'too_long', message } };
  }
}
