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
    for (let i = 0; i < rows.length; i++) {
      const value = rows[i]![column];
      if (value !== null && value !== undefined) continue;
      this.nulls++;
      this.validity[(count + i) >> 3]! &= ~(1 << ((count + i) & 7));
    }
  }

  /** The values since the last call; the buffer begins anew. */
  take(): FlatColumn {
    const { count: length, nulls: nullCount } = this;
    const column = { length, nullCount, validity: this.validity.slice(0, (length + 7) >> 3), ...this.flat(length) };
    if (nullCount > 0) this.validity.fill(255);
    [this.count, this.nulls] = [0, 0];
    return column;
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
    for (let i = 0; i < rows.length; i++) values[from + i] = (rows[i]![column] as number | null) ?? 0;
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
      const whole = (rows[i]![column] as number | null) ?? 0;
      halves[2 * (from + i)] = whole | 0;
      halves[2 * (from + i) + 1] = Math.floor(whole / twoTo32);
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
    for (let i = 0; i < rows.length; i++) if (rows[i]![column] === true) bits[(from + i) >> 3]! |= 1 << ((from + i) & 7);
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
    const { offsets } = this;
    let end = offsets[from]!;
    for (let i = 0; i < rows.length; i++) {
      const value = rows[i]![column];
      if (value !== null && value !== undefined) end = this.write(value as string, end);
      offsets[from + i + 1] = end;
    }
  }

  private write(text: string, start: number): number {
    const { length } = text;
    // a character takes three bytes at most
    if (start + 3 * length > this.bytes.length) this.bytes = grown(this.bytes, Buffer.allocUnsafeSlow(2 * (start + 3 * length)));
    const { bytes } = this;
    if (length > 40) return start + bytes.write(text, start);
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) return start + bytes.write(text, start);
      bytes[start + i] = code;
    }
    return start + length;
  }

  protected flat(length: number) {
    const { bytes, offsets } = this;
    const isRepetitive = repeats(length, (at) => bytes.toString('latin1', offsets[at], offsets[at + 1]));
    return { data: bytes.subarray(0, offsets[length]), offsets: offsets.subarray(0, length + 1), isRepetitive };
  }
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
