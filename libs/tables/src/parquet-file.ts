import { ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';

/** A value that can be written; a timestamp is milliseconds since 1970. */
export type CellValue = string | number | boolean | null;

export const columnTypes = ['string', 'number', 'integer', 'boolean', 'timestamp'] as const;

/** A column of a table to be written. */
export interface WrittenColumn {
  readonly name: string;
  readonly type: (typeof columnTypes)[number];
}

const parquetTypes = { string: 'STRING', number: 'DOUBLE', integer: 'INT64', boolean: 'BOOLEAN', timestamp: 'TIMESTAMP' } as const;

const sampledValues = 500;

/** Whether a dictionary of these texts would be about as large as they are, judged by some of them. */
function areDistinct(values: readonly CellValue[]): boolean {
  const step = Math.max(1, Math.floor(values.length / sampledValues));
  const seen = new Set<CellValue>();
  let count = 0;
  for (let at = 0; at < values.length; at += step) {
    if (values[at] === null) continue;
    seen.add(values[at]!);
    count++;
  }
  return seen.size > 0.9 * count;
}

/** Texts as bytes, all in one buffer: a buffer for each costs several times as much. */
function encoded(values: readonly CellValue[]): (Uint8Array | null)[] {
  let length = 0;
  for (const value of values) if (value !== null) length += Buffer.byteLength(value as string);
  const bytes = Buffer.allocUnsafeSlow(length);
  let at = 0;
  return values.map((value) => {
    if (value === null) return null;
    const start = at;
    at += bytes.write(value as string, start);
    return new Uint8Array(bytes.buffer, start, at - start);
  });
}

/** The values of one column of a row group; numbers without a gap are held flat, which costs a fraction of the memory. */
class ColumnBuffer {
  private flat: Float64Array | undefined;
  private values: CellValue[] = [];
  private count = 0;

  constructor(private readonly type: WrittenColumn['type']) {
    this.clear();
  }

  push(value: CellValue): void {
    const { flat, count } = this;
    if (!flat) this.values.push(value);
    else if (value === null) {
      this.values = Array.from(flat.subarray(0, count));
      this.values.push(null);
      this.flat = undefined;
    } else {
      if (count === flat.length) {
        this.flat = new Float64Array(2 * count);
        this.flat.set(flat);
      }
      this.flat![count] = value as number;
    }
    this.count++;
  }

  /** The values as they are written. */
  take(): unknown[] | Float64Array | BigInt64Array {
    const { flat, values, count, type } = this;
    this.clear();
    if (type === 'number') return flat ? flat.subarray(0, count) : values;
    if (type === 'boolean') return values;
    if (type === 'string') return areDistinct(values) ? encoded(values) : values;
    if (!flat) return values.map((value) => (value === null ? null : BigInt(value as number)));
    const whole = new BigInt64Array(count);
    for (let i = 0; i < count; i++) whole[i] = BigInt(flat[i]!);
    return whole;
  }

  private clear(): void {
    this.flat = this.type === 'string' || this.type === 'boolean' ? undefined : new Float64Array(1024);
    this.values = [];
    this.count = 0;
  }
}

/** Makes the bytes of one Parquet file a row group at a time. The same groups give the same bytes. Every column is optional in the file. */
export class ParquetFile {
  private readonly bytes = new ByteWriter();
  private readonly parquet: ParquetWriter;
  private readonly buffers: ColumnBuffer[];
  private count = 0;

  constructor(private readonly columns: readonly WrittenColumn[]) {
    const columnData = columns.map(({ name, type }) => ({ name, type: parquetTypes[type], nullable: true, data: [] }));
    this.parquet = new ParquetWriter({ writer: this.bytes, schema: schemaFromColumnData({ columnData }), createdBy: 'bascule' });
    this.buffers = columns.map(({ type }) => new ColumnBuffer(type));
  }

  /** Adds a row to the group that is open. */
  append(row: readonly CellValue[]): void {
    for (let at = 0; at < this.buffers.length; at++) this.buffers[at]!.push(row[at] ?? null);
    this.count++;
  }

  /** Ends the row group. @returns the bytes that follow those returned before */
  flush(): Uint8Array {
    if (this.count === 0) return new Uint8Array();
    const columnData = this.columns.map(({ name, type }, at) => ({
      name,
      data: this.buffers[at]!.take() as unknown[],
      // bounds of the times let a reader pass over groups; those of other columns cost more than they help
      statistics: type === 'timestamp',
    }));
    void this.parquet.write({ columnData, rowGroupSize: this.count });
    this.count = 0;
    return this.taken();
  }

  /** Adds a row group of its own. @returns the bytes that follow those returned before */
  add(rows: readonly (readonly CellValue[])[]): Uint8Array {
    for (const row of rows) this.append(row);
    return this.flush();
  }

  /** Ends the file. @returns its last bytes */
  finish(): Uint8Array {
    void this.parquet.finish();
    return this.taken();
  }

  private taken(): Uint8Array {
    const taken = this.bytes.getBytes().slice();
    // the offset goes on counting: positions in the file are made from it
    this.bytes.index = 0;
    return taken;
  }
}
