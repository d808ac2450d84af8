import { Tokenizer, TokenType } from '@streamparser/json';
import type { TextChunk } from './encoding.js';
import { jsonRow } from './json-rows.js';
import type { TableLimits } from './limits.js';
import type { Row, RowFault } from './table.js';

/** How many times longer than a record may be an element may grow before reading is given up: the tokenizer holds its texts whole. */
const hopelessFactor = 16;

/**
 * Reads the elements of one JSON array. The tokenizer says where each begins and ends; the element itself is read from its original text.
 * Where the JSON is broken the rows end with a fault, because nothing behind it can be told.
 */
export class JsonArrayRows {
  private readonly tokenizer = new Tokenizer({ stringBufferSize: 64 * 1024, numberBufferSize: 64 });
  /** The bytes from `heldFrom` on: those of an element that is not complete, and the newest. */
  private held: Buffer = Buffer.alloc(0);
  private heldFrom = 0;
  private fedBytes = 0;
  private depth = 0;
  private elementFrom = 0;
  private cut: string | undefined;
  private number = 0;
  private state: 'before' | 'within' | 'after' | 'broken' = 'before';
  private isEmpty = true;
  private isDamaged = false;
  private rows: Row[] = [];

  constructor(private readonly limits: TableLimits) {
    this.tokenizer.onToken = ({ token, offset }) => this.take(token, offset);
  }

  /** Takes the next stretch. @returns the rows that are complete */
  push({ text, isDamaged }: TextChunk, isLast: boolean): Row[] {
    this.rows = [];
    if (this.state === 'broken') return this.rows;
    this.isDamaged ||= isDamaged;
    try {
      const bytes = Buffer.from(text);
      this.held = Buffer.concat([this.held, bytes]);
      this.tokenizer.write(bytes);
      this.fedBytes += bytes.length;
      this.release();
      if (isLast && this.state !== 'after') throw new Error('the array is not closed');
    } catch (error) {
      this.state = 'broken';
      const raw = this.held
        .subarray(Math.max(0, this.elementFrom - this.heldFrom))
        .toString('utf8')
        .slice(0, 4000);
      this.rows.push(this.faulty(raw, 'unreadable', `the JSON cannot be read on: ${(error as Error).message}`));
    }
    return this.rows;
  }

  private take(token: TokenType, offset: number): void {
    if (this.state === 'before' && token === TokenType.LEFT_BRACKET) {
      this.state = 'within';
      this.begin(offset + 1);
      return;
    }
    if (this.state !== 'within') throw new Error('the content is not one JSON array');
    if (this.depth === 0 && token === TokenType.COMMA) {
      this.end(offset);
      this.isEmpty = false;
    } else if (this.depth === 0 && token === TokenType.RIGHT_BRACKET) {
      this.state = 'after';
      if (!this.isEmpty || this.textUpTo(offset) !== '') this.end(offset);
    } else if (token === TokenType.LEFT_BRACE || token === TokenType.LEFT_BRACKET) this.depth++;
    else if (token === TokenType.RIGHT_BRACE || token === TokenType.RIGHT_BRACKET) this.depth--;
  }

  private begin(offset: number): void {
    this.elementFrom = offset;
    this.cut = undefined;
  }

  private end(offset: number): void {
    const { recordLength } = this.limits;
    const raw = this.cut ?? this.textUpTo(offset);
    if (this.cut !== undefined || raw.length > recordLength) {
      this.rows.push(this.faulty(raw.slice(0, recordLength), 'too_long', `the element is longer than ${recordLength} characters`));
    } else this.rows.push(jsonRow(++this.number, 0, raw, 'element', this.isDamaged));
    this.begin(offset + 1);
  }

  private textUpTo(offset: number): string {
    return this.held
      .subarray(Math.max(0, this.elementFrom - this.heldFrom), Math.max(0, offset - this.heldFrom))
      .toString('utf8')
      .trim();
  }

  /** Keeps only what the element that goes on may need. */
  private release(): void {
    const { recordLength } = this.limits;
    const length = this.fedBytes - this.elementFrom;
    if (length > hopelessFactor * recordLength) throw new Error(`an element is longer than ${hopelessFactor * recordLength} bytes`);
    if (this.cut === undefined && length > 4 * recordLength) this.cut = this.textUpTo(this.elementFrom + recordLength);
    const from = this.cut === undefined ? Math.min(this.elementFrom, this.fedBytes) : this.fedBytes;
    this.held = Buffer.from(this.held.subarray(Math.max(0, from - this.heldFrom)));
    this.heldFrom = from;
  }

  private faulty(raw: string, code: RowFault['code'], message: string): Row {
    return { number: ++this.number, line: 0, cells: [], raw, length: raw.length, fault: { code, message } };
  }
}
