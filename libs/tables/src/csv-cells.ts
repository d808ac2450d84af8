import type { Dialect } from './csv-frame.js';

/** Where a record ends, and how many lines it takes. */
export interface RecordEnd {
  /** Behind the last character of its content. */
  end: number;
  /** Behind its line end. */
  next: number;
  lines: number;
}

/**
 * Holds cells that uDSV read from `start` on against the text: true when delimiters, quotes and the line end are where the lengths of the
 * cells put them, and then `into` says where the record ends. False also where that cannot be told so simply: a quoted cell has quotes within.
 */
export class CellCheck {
  private readonly delimiterCode: number;
  private readonly quoteCode: number;

  constructor(private readonly dialect: Dialect) {
    this.delimiterCode = dialect.delimiter.charCodeAt(0);
    this.quoteCode = dialect.quote === '' ? -1 : dialect.quote.charCodeAt(0);
  }

  standsAt(text: string, start: number, cells: readonly string[], into: RecordEnd): boolean {
    const { delimiterCode, quoteCode } = this;
    const { delimiter, quote, newline } = this.dialect;
    const last = cells.length - 1;
    let lineEnd = text.indexOf(newline, start);
    let lines = 1;
    let at = start;
    for (let i = 0; i <= last; i++) {
      const cell = cells[i]!;
      const { length } = cell;
      if (text.charCodeAt(at) === quoteCode) {
        const close = at + 1 + length;
        // no quote within, and a delimiter behind it: then uDSV, which began here, has what is between the quotes
        if (text.indexOf(quote, at + 1) !== close) return false;
        // before a line end it does not expect, CR or LF alone, it has that one instead
        if (i === last && !text.startsWith(cell, at + 1)) return false;
        for (; lineEnd >= 0 && lineEnd < close; lines++) lineEnd = text.indexOf(newline, lineEnd + 1);
        at = close + 1;
      } else {
        at += length;
        // the CR of a CRLF is no part of the last cell
        if (i === last && (cell.includes(delimiter) || (length > 0 && text.charCodeAt(at - 1) === 13))) return false;
      }
      if (i < last && (at >= lineEnd || text.charCodeAt(at++) !== delimiterCode)) return false;
    }
    const isCrLf = text.charCodeAt(at) === 13 && at + 1 === lineEnd;
    if (at !== lineEnd && !isCrLf) return false;
    into.end = at;
    into.next = lineEnd + 1;
    into.lines = lines;
    return true;
  }
}
