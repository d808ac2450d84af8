/** A value that can be written; a timestamp is milliseconds since 1970. */
export type CellValue = string | number | boolean | null;

export const columnTypes = ['string', 'number', 'integer', 'boolean', 'timestamp'] as const;

/** A column of a table to be written. */
export interface WrittenColumn {
  readonly name: string;
  readonly type: (typeof columnTypes)[number];
}

/** The values of a column as Apache Arrow lays them out; valid until the buffer is written to again. */
export interface FlatColumn {
  readonly length: number;
  readonly nullCount: number;
  /** One bit per value, set where there is one. */
  readonly validity: Uint8Array;
  readonly data: Uint8Array | Float64Array | BigInt64Array;
  /** Of texts: where each begins in `data`, and where the last ends. */
  readonly offsets?: Int32Array;
  /** Whether values repeat so much that a dictionary of them pays; judged by some of them. */
  readonly isRepetitive: boolean;
}

const firstRows = 1024;
const firstBytes = 16 * 1024;
const sampledValues = 500;
/** Texts are encoded together up to about so many characters. */
const charactersAtOnce = 16 * 1024;
const twoTo32 = 2 ** 32;

/** Collects the values of one column of a row group flat, whatever their type: no object per value is kept. */
export abstract class ColumnBuffer {
  private count = 0;
  private nulls = 0;
  // every bit is set until a value is missing
  private validity = new Uint8Array(firstRows / 8).fill(255);

  static for(type: WrittenColumn['type']): ColumnBuffer {
    if (type === 'string') return new TextBuffer();
    if (type === 'number') return new NumberBuffer();
    return type === 'boolean' ? new BooleanBuffer() : new WholeBuffer();
  }

  /** Takes the values of one column out of rows: one column after another is several times as fast as one row after another. */
  push(rows: readonly (readonly CellValue[])[], column: number): void {
    const { count } = this;
    this.count += rows.length;
    while (this.count > 8 * this.validity.length) {
      const before = this.validity.length;
      this.validity = grown(this.validity, new Uint8Array(2 * before).fill(255, before));
    }
    this.put(rows, column, count);
  }

  /** The values since the last call; the buffer begins anew. */
  take(): FlatColumn {
    const { count: length, nulls: nullCount } = this;
    const column = { length, nullCount, validity: this.validity.slice(0, (length + 7) >> 3), ...this.flat(length) };
    if (nullCount > 0) this.validity.fill(255);
    [this.count, this.nulls] = [0, 0];
    return column;
  }

  /** Notes that there is no value at a position. */
  protected miss(at: number): void {
    this.nulls++;
    this.validity[at >> 3]! &= ~(1 << (at & 7));
  }

  /** Writes values from a position on; what stands for a missing one does not matter. */
  protected abstract put(rows: readonly (readonly CellValue[])[], column: number, from: number): void;
  protected abstract flat(length: number): Pick<FlatColumn, 'data' | 'offsets' | 'isRepetitive'>;
}

class NumberBuffer extends ColumnBuffer {
  private values = new Float64Array(firstRows);

  protected put(rows: readonly (readonly CellValue[])[], column: number, from: number): void {
    while (from + rows.length > this.values.length) this.values = grown(this.values, new Float64Array(2 * this.values.length));
    const { values } = this;
    for (let i = 0; i < rows.length; i++) {
      const value = rows[i]![column];
      const isMissing = value === null || value === undefined;
      values[from + i] = isMissing ? 0 : (value as number);
      if (isMissing) this.miss(from + i);
    }
  }

  protected flat(length: number) {
    return { data: this.values.subarray(0, length), isRepetitive: repeats(length, (at) => this.values[at]!) };
  }
}

/** Whole numbers and times: 64 bits, written as two halves, because a BigInt for each costs much more. */
class WholeBuffer extends ColumnBuffer {
  private values = new BigInt64Array(firstRows);

  protected put(rows: readonly (readonly CellValue[])[], column: number, from: number): void {
    while (from + rows.length > this.values.length) this.values = grown(this.values, new BigInt64Array(2 * this.values.length));
    const halves = new Int32Array(this.values.buffer);
    for (let i = 0; i < rows.length; i++) {
      const value = rows[i]![column];
      const isMissing = value === null || value === undefined;
      if (isMissing) this.miss(from + i);
      const whole = isMissing ? 0 : (value as number);
      const low = whole | 0;
      halves[2 * (from + i)] = low;
      halves[2 * (from + i) + 1] = low === whole ? low >> 31 : Math.floor(whole / twoTo32);
    }
  }

  protected flat(length: number) {
    return { data: this.values.subarray(0, length), isRepetitive: repeats(length, (at) => this.values[at]!) };
  }
}

class BooleanBuffer extends ColumnBuffer {
  private bits = new Uint8Array(firstRows / 8);

  protected put(rows: readonly (readonly CellValue[])[], column: number, from: number): void {
    while (from + rows.length > 8 * this.bits.length) this.bits = grown(this.bits, new Uint8Array(2 * this.bits.length));
    const { bits } = this;
    for (let i = 0; i < rows.length; i++) {
      const value = rows[i]![column];
      if (value === true) bits[(from + i) >> 3]! |= 1 << ((from + i) & 7);
      else if (value === null || value === undefined) this.miss(from + i);
    }
  }

  protected flat(length: number) {
    const data = this.bits.slice(0, (length + 7) >> 3);
    this.bits.fill(0);
    return { data, isRepetitive: false };
  }
}

class TextBuffer extends ColumnBuffer {
  private bytes: Buffer = Buffer.allocUnsafeSlow(firstBytes);
  private offsets = new Int32Array(firstRows + 1);

  protected put(rows: readonly (readonly CellValue[])[], column: number, from: number): void {
    while (from + rows.length >= this.offsets.length) this.offsets = grown(this.offsets, new Int32Array(2 * this.offsets.length));
    let begin = 0;
    while (begin < rows.length) begin = this.writeSome(rows, column, begin, from);
  }

  /** Encodes texts together: one by one each costs twice as much. @returns where the next ones begin */
  private writeSome(rows: readonly (readonly CellValue[])[], column: number, begin: number, from: number): number {
    const { offsets } = this;
    const start = offsets[from + begin]!;
    let at = begin;
    let end = start;
    let joined = '';
    for (; at < rows.length && end - start < charactersAtOnce; at++) {
      const value = rows[at]![column];
      if (value === null || value === undefined) this.miss(from + at);
      else {
        joined += value as string;
        end += (value as string).length;
      }
      offsets[from + at + 1] = end;
    }
    // a character takes three bytes at most
    const most = start + 3 * (end - start);
    if (most > this.bytes.length) this.bytes = grown(this.bytes, Buffer.allocUnsafeSlow(2 * most));
    const { bytes } = this;
    if (start + bytes.write(joined, start) === end || setOffsets(bytes, offsets, from + begin, from + at)) return at;
    // two halves of a surrogate pair met: each is none, and written as such
    for (let i = begin, next = start; i < at; i++) {
      const value = rows[i]![column];
      if (value !== null && value !== undefined) next += bytes.write(value as string, next);
      offsets[from + i + 1] = next;
    }
    return at;
  }

  protected flat(length: number) {
    const { bytes, offsets } = this;
    const isRepetitive = repeats(length, (at) => bytes.toString('latin1', offsets[at], offsets[at + 1]));
    return { data: bytes.subarray(0, offsets[length]), offsets: offsets.subarray(0, length + 1), isRepetitive };
  }
}

/**
 * Makes byte offsets of offsets in UTF-16 units, which the encoded text shows.
 * @returns false, with nothing changed, when a character belongs to two texts
 */
function setOffsets(bytes: Uint8Array, offsets: Int32Array, from: number, to: number): boolean {
  const found = new Int32Array(to - from);
  let at = offsets[from]!;
  for (let i = from; i < to; i++) {
    let units = offsets[i + 1]! - offsets[i]!;
    while (units > 0) {
      const byte = bytes[at]!;
      at += byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
      units -= byte < 0xf0 ? 1 : 2;
    }
    if (units < 0) return false;
    found[i - from] = at;
  }
  offsets.set(found, from + 1);
  return true;
}

/** Whether the distinct ones among some of the values are few. */
function repeats(length: number, valueAt: (at: number) => unknown): boolean {
  const step = Math.max(1, Math.floor(length / sampledValues));
  const seen = new Set<unknown>();
  let sampled = 0;
  for (let at = 0; at < length; at += step) {
    seen.add(valueAt(at));
    sampled++;
  }
  return seen.size < 0.5 * sampled;
}

function grown<T extends { set(from: ArrayLike<never>): void }>(from: T, into: T): T {
  into.set(from as unknown as ArrayLike<never>);
  return into;
}
