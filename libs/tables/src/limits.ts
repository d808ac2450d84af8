/** What a table may cost to read. */
export interface TableLimits {
  /** Characters of one record; a longer one is set apart. */
  readonly recordLength: number;
  readonly columns: number;
  /** Bytes after decompression. */
  readonly unpackedBytes: number;
  /** Unpacked bytes per packed byte, looked at from 64 MB unpacked on. */
  readonly unpackRatio: number;
}

export const defaultLimits: TableLimits = {
  recordLength: 1024 * 1024,
  columns: 5000,
  unpackedBytes: 256 * 1024 ** 3,
  unpackRatio: 300,
};
