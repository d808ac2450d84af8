import { FieldWriter } from './field-writer.js';
import { type AnsweredBy, writeModel } from './prediction-record.js';
import { closeRows, rowsHeadBytes } from './write-ahead.js';

const initialBytes = 262_144;

/**
 * The block being filled: fields of the message, cut into records of the write-ahead file, all in one buffer. A record
 * holds what was added between two writes.
 */
export class OpenBlock {
  readonly writer = new FieldWriter(initialBytes);
  rows = 0;
  private readonly models = new Map<AnsweredBy, number>();
  /** The model asked for last: mostly the next one as well. */
  private lastLoaded: AnsweredBy | undefined;
  private lastPosition = 0;
  private readonly regions: { readonly start: number; end: number }[] = [];
  /** Where the record that is open began; undefined when none is. */
  private openedAt: number | undefined;
  private openRows = 0;
  private writtenTo = 0;
  private headBytes = 0;

  /** Bytes that the message will have, but for its header. */
  get messageBytes(): number {
    return this.writer.length - this.headBytes;
  }

  get isWritten(): boolean {
    return this.writtenTo === this.writer.length;
  }

  /** Position of the version among the models of the block; adds it when it is new. */
  position(loaded: AnsweredBy, schema: () => Uint8Array): number {
    if (loaded === this.lastLoaded) return this.lastPosition;
    let position = this.models.get(loaded);
    if (position === undefined) {
      this.open();
      position = this.models.size;
      this.models.set(loaded, position);
      writeModel(this.writer, schema());
    }
    this.lastLoaded = loaded;
    this.lastPosition = position;
    return position;
  }

  /** Begins a row, to be written next. @returns where it begins, for `takeBack` */
  beginRow(): number {
    this.open();
    this.rows++;
    this.openRows++;
    return this.writer.length;
  }

  /** Takes the last row back. */
  takeBack(start: number): void {
    this.writer.length = start;
    this.rows--;
    this.openRows--;
  }

  /** What is not in the file yet, ended as a record of it; empty when there is nothing. */
  unwritten(): Buffer {
    this.close();
    return this.writer.bytes.subarray(this.writtenTo, this.writer.length);
  }

  /** Says that what `unwritten` gave is in the file. */
  noteWritten(): void {
    this.writtenTo = this.writer.length;
  }

  /** Appends a record that is no part of the message. */
  append(record: Uint8Array): void {
    this.close();
    this.headBytes += record.length;
    this.writer.raw(record);
  }

  /** The fields of the message; they are valid until `clear`. */
  chunks(): Buffer[] {
    return this.regions.map(({ start, end }) => this.writer.bytes.subarray(start, end));
  }

  /** Starts the next block in the same buffer. */
  clear(): void {
    this.writer.clear();
    this.models.clear();
    this.lastLoaded = undefined;
    this.regions.length = 0;
    this.openedAt = undefined;
    this.rows = 0;
    this.openRows = 0;
    this.writtenTo = 0;
    this.headBytes = 0;
  }

  private open(): void {
    if (this.openedAt !== undefined) return;
    this.openedAt = this.writer.length;
    this.openRows = 0;
    this.writer.reserve(rowsHeadBytes);
    this.writer.length += rowsHeadBytes;
    this.headBytes += rowsHeadBytes;
  }

  private close(): void {
    if (this.openedAt === undefined) return;
    const { bytes, length } = this.writer;
    closeRows(bytes.subarray(this.openedAt, length), this.openRows);
    this.regions.push({ start: this.openedAt + rowsHeadBytes, end: length });
    this.openedAt = undefined;
  }
}
