/** Where a record lies in a text and how many cells it has. */
export interface Frame {
  /** Behind the last character of its content. */
  readonly end: number;
  /** Behind its line end. */
  readonly next: number;
  readonly cells: readonly FramedCell[];
}

/** Where the content of a cell lies, without the quotes around it. */
interface FramedCell {
  readonly start: number;
  readonly end: number;
  /** Quotes within that are written twice. */
  readonly escapes: number;
}

export interface FrameFault {
  readonly fault: 'a quote is opened and never closed' | 'text follows a closing quote';
}

/** How a CSV text is written; the line end is CR only where there is no LF. */
export interface Dialect {
  readonly delimiter: string;
  /** Empty where nothing is quoted. */
  readonly quote: string;
  readonly newline: '\n' | '\r';
}

/**
 * Finds the end of the record that begins at a position: where uDSV, which takes all rows to be of one width, would run on into the next row.
 * A quoted cell must close before `limit`. Undefined when the text ends first.
 */
export function frameRecord(text: string, start: number, limit: number, dialect: Dialect): Frame | FrameFault | undefined {
  const { delimiter, quote, newline } = dialect;
  const quoteCode = quote === '' ? -1 : quote.charCodeAt(0);
  let position = start;
  const cells: FramedCell[] = [];
  for (;;) {
    if (text.charCodeAt(position) === quoteCode) {
      let escapes = 0;
      let close = text.indexOf(quote, position + 1);
      while (close >= 0 && close < limit && text.charCodeAt(close + 1) === quoteCode) {
        escapes++;
        close = text.indexOf(quote, close + 2);
      }
      if (close < 0 && limit > text.length) return undefined;
      if (close < 0 || close >= limit) return { fault: 'a quote is opened and never closed' };
      cells.push({ start: position + 1, end: close, escapes });
      position = close + 1;
      if (text[position] === delimiter) {
        position++;
        continue;
      }
      if (text[position] === newline) return { end: position, next: position + 1, cells };
      if (text[position] === '\r' && text[position + 1] === newline) return { end: position, next: position + 2, cells };
      return position + 1 >= text.length ? undefined : { fault: 'text follows a closing quote' };
    }
    const lineEnd = text.indexOf(newline, position);
    if (lineEnd < 0) return undefined;
    const line = text.slice(position, lineEnd);
    const at = line.indexOf(delimiter);
    if (at >= 0) {
      cells.push({ start: position, end: position + at, escapes: 0 });
      position += at + 1;
      continue;
    }
    const end = line.endsWith('\r') ? lineEnd - 1 : lineEnd;
    cells.push({ start: position, end, escapes: 0 });
    return { end, next: lineEnd + 1, cells };
  }
}

/** True when these are the contents of the framed cells. */
export function isFaithful(text: string, frame: Frame, cells: readonly string[], quote: string): boolean {
  if (frame.cells.length !== cells.length) return false;
  return frame.cells.every(({ start, end, escapes }, at) => {
    const cell = cells[at]!;
    if (cell.length !== end - start - escapes) return false;
    return escapes === 0 ? text.startsWith(cell, start) : cell.replaceAll(quote, quote + quote) === text.slice(start, end);
  });
}
