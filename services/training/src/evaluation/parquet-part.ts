import { type ParquetScan, parquetScan } from 'hyparquet';

export type RowRange = ParquetScan['ranges'][number];

/** A part of a dataset, read a group of rows and a column at a time: records as objects take many times the room of the rows. */
export interface ParquetPart {
  readonly ranges: readonly RowRange[];
  /** Whether it has the column: a part written under an older contract may lack one. */
  has(column: string): boolean;
  /** The values of a column in some rows; missing ones where there is no such column. */
  read(column: string, range: RowRange): Promise<ArrayLike<unknown>>;
}

export async function openPart({ buffer, byteOffset, byteLength }: Buffer): Promise<ParquetPart> {
  // small Buffers share one memory block with others, and Parquet offsets count from its start
  const slice = (from: number, to = byteLength) => buffer.slice(byteOffset + from, byteOffset + to) as ArrayBuffer;
  const scan = await parquetScan({ file: { byteLength, slice } });
  const present = new Set(scan.metadata.schema.map(({ name }) => name));
  return {
    ranges: scan.ranges,
    has: (column) => present.has(column),
    read: async (column, range) =>
      present.has(column) ? scan.readColumn({ column, ...range }) : { length: range.rowEnd - range.rowStart },
  };
}
