import type { CellValue, WrittenColumn } from './parquet-file.js';

function timeText(column: WrittenColumn, value: CellValue): CellValue {
  return column.type === 'timestamp' && typeof value === 'number' ? new Date(value).toISOString() : value;
}

/** Makes the text of a CSV file (RFC 4180, LF); a missing value is an empty cell, an empty text is quoted. */
export class CsvFile {
  private isBegun = false;

  constructor(
    private readonly columns: readonly WrittenColumn[],
    private readonly delimiter = ',',
  ) {}

  /** Adds rows. @returns the bytes that follow those returned before */
  add(rows: readonly (readonly CellValue[])[]): Uint8Array {
    const lines = rows.map((row) => this.line(this.columns.map((column, at) => timeText(column, row[at] ?? null))));
    const text = (this.isBegun ? '' : this.line(this.columns.map(({ name }) => name))) + lines.join('');
    this.isBegun = true;
    return Buffer.from(text);
  }

  finish(): Uint8Array {
    return this.isBegun ? new Uint8Array() : this.add([]);
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
  constructor(private readonly columns: readonly WrittenColumn[]) {}

  /** Adds rows. @returns the bytes that follow those returned before */
  add(rows: readonly (readonly CellValue[])[]): Uint8Array {
    const lines = rows.map((row) => {
      const entries = this.columns.map((column, at) => [column.name, timeText(column, row[at] ?? null)]);
      return `${JSON.stringify(Object.fromEntries(entries))}\n`;
    });
    return Buffer.from(lines.join(''));
  }

  finish(): Uint8Array {
    return new Uint8Array();
  }
}
