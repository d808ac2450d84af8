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
  protected count = 0;
  private nulls = 0;
  private validity = new Uint8Array(firstRows / 8);

  static for(type: WrittenColumn['type']): ColumnBuffer {
    if (type === 'string') return new TextBuffer();
    if (type === 'number') return new NumberBuffer();
    return type === 'boolean' ? new BooleanBuffer() : new WholeBuffer();
  }

  push(value: CellValue | undefined): void {
    const at = this.count++;
    if (at >> 3 >= this.validity.length) this.validity = grown(this.validity, new Uint8Array(2 * this.validity.length));
    if (value === null || value === undefined) {
      this.nulls++;
      this.put(at, null);
      return;
    }
    this.validity[at >> 3]! |= 1 << (at & 7);
    this.put(at, value);
  }

  /** The values since the last call; the buffer begins anew. */
  take(): FlatColumn {
    const { count: length, nulls: nullCount } = this;
    const column = { length, nullCount, validity: this.validity.slice(0, (length + 7) >> 3), ...this.flat(length) };
    this.validity.fill(0);
    [this.count, this.nulls] = [0, 0];
    return column;
  }

  protected abstract put(at: number, value: CellValue): void;
  protected abstract flat(length: number): Pick<FlatColumn, 'data' | 'offsets' | 'isRepetitive'>;
}

class NumberBuffer extends ColumnBuffer {
  private values = new Float64Array(firstRows);

  protected put(at: number, value: CellValue): void {
    if (at === this.values.length) this.values = grown(this.values, new Float64Array(2 * at));
    this.values[at] = (value as number | null) ?? 0;
  }

  protected flat(length: number) {
    return { data: this.values.subarray(0, length), isRepetitive: repeats(length, (at) => this.values[at]!) };
  }
}

/** Whole numbers and times: 64 bits, written as two halves, because a BigInt for each costs much more. */
class WholeBuffer extends ColumnBuffer {
  private values = new BigInt64Array(firstRows);
  private halves = new Int32Array(this.values.buffer);

  protected put(at: number, value: CellValue): void {
    if (at === this.values.length) {
      this.values = grown(this.values, new BigInt64Array(2 * at));
      this.halves = new Int32Array(this.values.buffer);
    }
    const whole = (value as number | null) ?? 0;
    this.halves[2 * at] = whole | 0;
    this.halves[2 * at + 1] = Math.floor(whole / twoTo32);
  }

  protected flat(length: number) {
    return { data: this.values.subarray(0, length), isRepetitive: repeats(length, (at) => this.values[at]!) };
  }
}

class BooleanBuffer extends ColumnBuffer {
  private bits = new Uint8Array(firstRows / 8);

  protected put(at: number, value: CellValue): void {
    if (at >> 3 >= this.bits.length) this.bits = grown(this.bits, new Uint8Array(2 * this.bits.length));
    if (value === true) this.bits[at >> 3]! |= 1 << (at & 7);
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

  protected put(at: number, value: CellValue): void {
    if (at + 1 === this.offsets.length) this.offsets = grown(this.offsets, new Int32Array(2 * this.offsets.length));
    const start = this.offsets[at]!;
    this.offsets[at + 1] = value === null ? start : this.write(value as string, start);
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
