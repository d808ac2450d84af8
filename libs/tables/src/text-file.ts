import type { CellValue, WrittenColumn } from './column-buffer.js';

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
    this.lines.push(this.line(this.columns.map((column, at) => timeText(column, row[at] ?? null))));
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
