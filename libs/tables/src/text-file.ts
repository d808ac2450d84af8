import type { CellValue, WrittenColumn } from './column-buffer.js';

const plainDelimiters = new Set([',', ';', '\t', '|']);

function timeText(column: WrittenColumn, value: CellValue): CellValue {
  return column.type === 'timestamp' && typeof value === 'number' ? new Date(value).toISOString() : value;
}

/** Makes the text of a CSV file (RFC 4180, LF); a missing value is an empty cell, an empty text is quoted. */
export class CsvFile {
  private isBegun = false;
  private lines: string[] = [];

  constructor(
    private readonly columns: readonly WrittenColumn[],
    private readonly delimiter = ',',
  ) {}

  append(row: readonly CellValue[]): void {
    const { columns, delimiter } = this;
    let line = '';
    for (let at = 0; at < columns.length; at++) {
      const value = row[at] ?? null;
      if (at > 0) line += delimiter;
      if (value !== null) line += this.cell(timeText(columns[at] as WrittenColumn, value));
    }
    this.lines.push(`${line}\n`);
  }

  /** @returns the bytes that follow those returned before */
  flush(): Uint8Array {
    const text = (this.isBegun ? '' : this.line(this.columns.map(({ name }) => name))) + this.lines.join('');
    this.lines = [];
    this.isBegun = true;
    return Buffer.from(text);
  }

  finish(): Uint8Array {
    return this.flush();
  }

  private line(values: readonly CellValue[]): string {
    return `${values.map((value) => this.cell(value)).join(this.delimiter)}\n`;
  }

  private cell(value: CellValue): string {
    if (value === null) return '';
    const text = String(value);
    // a number has no character that needs quotes, unless it is the delimiter's
    if (typeof value === 'number' && plainDelimiters.has(this.delimiter)) return text;
    const mustQuote = text === '' || /["\r\n]/.test(text) || text.includes(this.delimiter);
    return mustQuote ? `"${text.replaceAll('"', '""')}"` : text;
  }
}

/** Makes the text of an NDJSON file: one object per line. */
export class NdjsonFile {
  private lines: string[] = [];

  constructor(private readonly columns: readonly WrittenColumn[]) {}

  append(row: readonly CellValue[]): void {
    const entries = this.columns.map((column, at) => [column.name, timeText(column, row[at] ?? null)]);
    this.lines.push(`${JSON.stringify(Object.fromEntries(entries))}\n`);
  }

  /** @returns the bytes that follow those returned before */
  flush(): Uint8Array {
    const text = this.lines.join('');
    this.lines = [];
    return Buffer.from(text);
  }

  finish(): Uint8Array {
    return this.flush();
  }
}
