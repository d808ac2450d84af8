/** Different texts of a column in a row group beyond which they are kept as they were read. */
const mostTexts = 20_000;

/** Whole numbers become numbers where they fit, timestamps stay dates, bytes become base64, NaN and infinity stay numbers. */
function plain(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value !== 'object' || value instanceof Date) return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(plain);
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number>, plain);
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]));
}

/**
 * One column of a row group of Parquet. Numbers, times and repeated texts move out of the heap, into memory that the next group uses again:
 * arrays of a whole group live long enough to count as lasting, and several groups of them would wait for a full collection.
 */
export class GroupColumn {
  private numbers = new Float64Array(0);
  private codes = new Uint32Array(0);
  /** Of the texts by code; missing has the code 0. */
  private texts: unknown[] = [null];
  private values: ArrayLike<unknown> = [];
  private kind: 'numbers' | 'times' | 'texts' | 'others' = 'others';

  /** Takes the values of the next group in place of those before. */
  take(values: ArrayLike<unknown>): void {
    this.values = [];
    if (this.codes.length < values.length) this.codes = new Uint32Array(values.length);
    const first = firstOf(values);
    if (typeof first === 'number' || typeof first === 'bigint') this.kind = this.takeEach(values, exactNumber) ? 'numbers' : 'others';
    else if (first instanceof Date) this.kind = this.takeEach(values, timeOf) ? 'times' : 'others';
    else this.kind = this.takeTexts(values) ? 'texts' : 'others';
    if (this.kind === 'others') this.values = values;
  }

  /** The value of a row of the group. */
  at(row: number): unknown {
    if (this.kind === 'others') return plain(this.values[row]);
    const code = this.codes[row]!;
    if (this.kind === 'texts') return this.texts[code];
    if (code === 0) return null;
    return this.kind === 'numbers' ? this.numbers[row] : new Date(this.numbers[row]!);
  }

  /** Keeps a number for each value that is there; false when one has none. */
  private takeEach(values: ArrayLike<unknown>, numberOf: (value: unknown) => number | undefined): boolean {
    const { codes } = this;
    const numbers = this.room(values.length);
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      const isThere = value !== null && value !== undefined;
      codes[i] = isThere ? 1 : 0;
      if (!isThere) continue;
      const number = numberOf(value);
      if (number === undefined) return false;
      numbers[i] = number;
    }
    return true;
  }

  private takeTexts(values: ArrayLike<unknown>): boolean {
    const { codes } = this;
    const known = new Map<unknown, number>();
    this.texts = [null];
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (value === null || value === undefined) {
        codes[i] = 0;
        continue;
      }
      if (typeof value !== 'string' && typeof value !== 'boolean') return false;
      let code = known.get(value);
      if (code === undefined) {
        if (known.size >= mostTexts) return false;
        code = this.texts.push(value) - 1;
        known.set(value, code);
      }
      codes[i] = code;
    }
    return true;
  }

  private room(count: number): Float64Array {
    if (this.numbers.length < count) this.numbers = new Float64Array(count);
    return this.numbers;
  }
}

function exactNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'bigint') return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
}

function timeOf(value: unknown): number | undefined {
  return value instanceof Date ? value.getTime() : undefined;
}

function firstOf(values: ArrayLike<unknown>): unknown {
  for (let i = 0; i < values.length; i++) if (values[i] !== null && values[i] !== undefined) return values[i];
  return null;
}
