import { CellCheck, type RecordEnd } from './csv-cells.js';
import { type Dialect, type Frame, frameRecord, isFaithful } from './csv-frame.js';
import { CsvParsers } from './csv-parsers.js';
import type { TextChunk } from './encoding.js';
import type { TableLimits } from './limits.js';
import type { Row, RowFault } from './table.js';

/** After so many quotes that never close, a quoted cell has to close on its own line: bounds the work a broken file can cause. */
const runawayLimit = 100;
const smallestRun = 4096;
const largestRun = 4 * 1024 * 1024;

class CsvRow implements Row {
  constructor(
    readonly number: number,
    readonly line: number,
    readonly cells: readonly string[],
    private readonly text: string,
    private readonly start: number,
    private readonly end: number,
    readonly isSuspect: boolean,
    readonly fault?: RowFault,
  ) {}

  get raw(): string {
    return this.text.slice(this.start, this.end);
  }

  get length(): number {
    return this.end - this.start;
  }
}

/**
 * Reads CSV that comes a stretch at a time. uDSV reads runs of rows of the same width; each of its rows is held against the text
 * before it counts, because it takes cells of a short row from the next one. The row that does not fit is framed and read alone.
 * Blank lines are skipped. A quote that never closes spoils its own line only.
 */
export class CsvRows {
  private readonly parsers: CsvParsers;
  private text = '';
  private position = 0;
  private quoteAt = -1;
  private number = 0;
  private line = 1;
  private runaways = 0;
  private runWidth: number;
  private runLength = largestRun;
  private isCrLf = false;
  private isSkipping = false;
  private isDamaged = false;
  private isSuspect = false;
  private found: Row[] = [];
  private readonly check: CellCheck;
  private readonly recordEnd: RecordEnd = { end: 0, next: 0, lines: 0 };

  /** `width` is the number of cells a row should have; rows of another number get a fault. A header is passed over. */
  constructor(
    private readonly dialect: Dialect,
    private readonly width: number,
    private readonly limits: TableLimits,
    private isBeforeHeader = false,
    /** Characters before the first row that belong to none: a line that tells the delimiter. */
    private preamble = 0,
  ) {
    this.parsers = new CsvParsers(dialect.delimiter, dialect.quote);
    this.runWidth = Math.max(1, width);
    this.check = new CellCheck(dialect);
  }

  /** Takes the next stretch. @returns the rows that are complete; with `isLast` all of them */
  push(chunk: TextChunk, isLast: boolean): Row[] {
    const rest = this.text.slice(this.position);
    this.isDamaged = chunk.isDamaged || (this.isDamaged && rest.includes('\uFFFD'));
    this.text = rest + chunk.text;
    if (isLast && this.text !== '' && !this.text.endsWith(this.dialect.newline)) this.text += this.dialect.newline;
    this.isSuspect = this.text.includes('\0') || !this.text.isWellFormed();
    this.position = 0;
    if (this.preamble > 0) {
      if (this.text.length < this.preamble && !isLast) return [];
      this.position = this.preamble;
      this.preamble = 0;
      this.line++;
    }
    this.quoteAt = this.dialect.quote === '' ? -1 : this.text.indexOf(this.dialect.quote);
    this.found = [];
    this.read(isLast);
    return this.found;
  }

  private read(isLast: boolean): void {
    const { newline } = this.dialect;
    const { recordLength } = this.limits;
    for (;;) {
      if (this.isSkipping && !this.skipLine()) return;
      this.skipBlankLines();
      const { text, position } = this;
      const firstEnd = text.indexOf(newline, position);
      if (firstEnd < 0 || firstEnd - position > recordLength) {
        if (text.length - position <= recordLength) return;
        this.setTooLong(position + recordLength);
        continue;
      }
      this.run();
      if (this.position > position) continue;
      if (!this.readOne(isLast)) return;
    }
  }

  /** Lets uDSV read rows for as long as they are where they should be. */
  private run(): void {
    const { text, runWidth } = this;
    const { newline } = this.dialect;
    const start = this.position;
    const end = this.runEnd(start);
    const hasQuotes = this.nextQuote(start) < end;
    // uDSV loses unquoted rows of one cell where it looks for quotes
    if (hasQuotes && runWidth === 1) return;
    const parse = this.parsers.get(runWidth, this.isCrLf ? '\r\n' : newline, hasQuotes);
    let isBroken = false;
    parse(text.slice(start, end), (cells) => {
      isBroken = !this.takes(cells, end);
      return !isBroken;
    });
    this.runLength = isBroken || this.position < end ? smallestRun : Math.min(largestRun, this.runLength * 2);
  }

  private runEnd(start: number): number {
    const { text } = this;
    const { newline } = this.dialect;
    const wanted = Math.min(text.length, start + this.runLength);
    // rows without quotes are read faster by themselves
    const quote = this.nextQuote(start);
    const isFar = quote > start + smallestRun || this.runWidth === 1;
    const last = text.lastIndexOf(newline, (isFar ? Math.min(wanted, quote) : wanted) - 1);
    return (last >= start ? last : text.indexOf(newline, start)) + 1;
  }

  /** Takes a row of uDSV if it is what stands at the position. */
  private takes(cells: string[], end: number): boolean {
    this.skipBlankLines();
    const { text, position, runWidth, dialect } = this;
    if (position >= end) return true;
    if (runWidth === 1 && cells[0] === '') return true;
    if (cells.length !== runWidth) return false;
    const lineEnd = text.indexOf(dialect.newline, position);
    if (this.nextQuote(position) > lineEnd) {
      const contentEnd = text.charCodeAt(lineEnd - 1) === 13 ? lineEnd - 1 : lineEnd;
      if (contentEnd - position > this.limits.recordLength) return false;
      let length = 0;
      for (let i = 0; i < runWidth; i++) length += cells[i]!.length;
      if (contentEnd - position !== length + runWidth - 1 || cells[runWidth - 1]!.includes(dialect.delimiter)) return false;
      this.add(cells, contentEnd, lineEnd + 1, 1);
      return true;
    }
    const simple = this.recordEnd;
    if (this.check.standsAt(text, position, cells, simple)) {
      if (simple.end - position > this.limits.recordLength || simple.next > end) return false;
      this.add(cells, simple.end, simple.next, simple.lines);
      return true;
    }
    const frame = frameRecord(text, position, end, dialect);
    if (!frame || 'fault' in frame || !isFaithful(text, frame, cells, dialect.quote)) return false;
    if (frame.end - position > this.limits.recordLength) return false;
    this.add(cells, frame.end, frame.next, this.linesUpTo(frame.next));
    return true;
  }

  /** Reads the one record at the position. False when its end is not there yet. */
  private readOne(isLast: boolean): boolean {
    const { text, position, dialect } = this;
    const { newline } = dialect;
    const { recordLength } = this.limits;
    const lineEnd = text.indexOf(newline, position);
    const isOpenEnded = this.runaways < runawayLimit;
    const isWaiting = !isLast && isOpenEnded && text.length - position < recordLength;
    const limit = isOpenEnded ? Math.min(isWaiting ? Number.POSITIVE_INFINITY : text.length, position + recordLength) : lineEnd;
    const frame = frameRecord(text, position, limit, dialect);
    if (!frame && isWaiting) return false;
    if (!frame || 'fault' in frame) {
      this.runaways++;
      const end = text.charCodeAt(lineEnd - 1) === 13 && lineEnd > position ? lineEnd - 1 : lineEnd;
      this.add([], end, lineEnd + 1, 1, { code: 'unreadable', message: frame?.fault ?? 'a quote is opened and never closed' });
      return true;
    }
    const isTooLong = frame.end - position > recordLength;
    const cells = isTooLong ? undefined : this.cellsOf(frame);
    let fault: RowFault | undefined;
    if (isTooLong) fault = this.tooLong();
    else if (!cells) fault = { code: 'unreadable', message: 'the row cannot be told apart into cells' };
    this.add(cells ?? [], frame.end, frame.next, this.linesUpTo(frame.next), fault);
    this.isCrLf = text[frame.end] === '\r' && newline === '\n';
    this.runWidth = Math.min(frame.cells.length, this.limits.columns);
    return true;
  }

  private cellsOf(frame: Frame): string[] | undefined {
    const { text, position } = this;
    const cellCount = frame.cells.length;
    if (cellCount > this.limits.columns) return undefined;
    let cells: string[] | undefined;
    // uDSV takes a byte order mark off whatever it is given
    const mark = text.charCodeAt(position) === 0xfeff ? '\uFEFF' : '';
    const { quote } = this.dialect;
    const isQuoted = quote !== '' && (cellCount > 1 || text.startsWith(quote, position));
    this.parsers.get(
      cellCount,
      '\n',
      isQuoted,
    )(`${mark}${text.slice(position, frame.end)}\n`, (row) => {
      cells ??= row;
      return false;
    });
    return cells && isFaithful(text, frame, cells, quote) ? cells : undefined;
  }

  private add(cells: string[], end: number, next: number, lines: number, fault?: RowFault): void {
    const { text, position } = this;
    if (this.isBeforeHeader) {
      this.isBeforeHeader = false;
      this.position = next;
      this.line += lines;
      return;
    }
    let trouble = fault;
    if (!trouble && cells.length !== this.width)
      trouble = { code: 'ragged', message: `the row has ${cells.length} cells where the header has ${this.width}` };
    if (!trouble && this.isDamaged && text.slice(position, end).includes('\uFFFD'))
      trouble = { code: 'not_encoded', message: 'the row is not UTF-8' };
    this.found.push(new CsvRow(++this.number, this.line, cells, text, position, end, this.isSuspect, trouble));
    this.position = next;
    this.line += lines;
  }

  private linesUpTo(next: number): number {
    let lines = 0;
    for (let at = this.text.indexOf(this.dialect.newline, this.position); at >= 0 && at < next; lines++)
      at = this.text.indexOf(this.dialect.newline, at + 1);
    return lines;
  }

  private setTooLong(end: number): void {
    this.found.push(new CsvRow(++this.number, this.line, [], this.text, this.position, end, this.isSuspect, this.tooLong()));
    this.position = end;
    this.isSkipping = true;
  }

  private tooLong(): RowFault {
    return { code: 'too_long', message: `the row is longer than ${this.limits.recordLength} characters` };
  }

  /** Drops what is left of a row that is too long. False when its line goes on. */
  private skipLine(): boolean {
    const end = this.text.indexOf(this.dialect.newline, this.position);
    this.position = end < 0 ? this.text.length : end + 1;
    if (end < 0) return false;
    this.isSkipping = false;
    this.line++;
    return true;
  }

  private skipBlankLines(): void {
    const { text } = this;
    const code = this.dialect.newline.charCodeAt(0);
    for (;;) {
      const first = text.charCodeAt(this.position);
      if (first === code) this.position++;
      else if (first === 13 && text.charCodeAt(this.position + 1) === code) this.position += 2;
      else return;
      this.line++;
    }
  }

  /** Where the next quote is; beyond all text when there is none. */
  private nextQuote(from: number): number {
    if (this.quoteAt >= 0 && this.quoteAt < from) this.quoteAt = this.text.indexOf(this.dialect.quote, from);
    return this.quoteAt < 0 ? Number.POSITIVE_INFINITY : this.quoteAt;
  }
}
