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

function stored(type: WrittenColumn['type'], value: CellValue): unknown {
  if (value === null) return null;
  if (type === 'integer') return BigInt(value as number);
  return type === 'timestamp' ? new Date(value as number) : value;
}

/** Makes the bytes of one Parquet file a row group at a time. The same groups give the same bytes. Every column is optional in the file. */
export class ParquetFile {
  private readonly bytes = new ByteWriter();
  private readonly parquet: ParquetWriter;

  constructor(private readonly columns: readonly WrittenColumn[]) {
    const columnData = columns.map(({ name, type }) => ({ name, type: parquetTypes[type], nullable: true, data: [] }));
    this.parquet = new ParquetWriter({ writer: this.bytes, schema: schemaFromColumnData({ columnData }), createdBy: 'bascule' });
  }

  /** Adds a row group. @returns the bytes that follow those returned before */
  add(rows: readonly (readonly CellValue[])[]): Uint8Array {
    const columnData = this.columns.map(({ name, type }, at) => ({ name, data: rows.map((row) => stored(type, row[at] ?? null)) }));
    void this.parquet.write({ columnData, rowGroupSize: rows.length });
    return this.taken();
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
