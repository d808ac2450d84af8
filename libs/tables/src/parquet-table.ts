import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import {
  type AsyncBuffer,
  asyncBufferFromFile,
  type Compressors,
  type FileMetaData,
  parquetMetadataAsync,
  parquetScan,
  parquetSchema,
  type RowGroup,
} from 'hyparquet';
import { contentFault } from './content-fault.js';
import { tooManyColumns } from './errors.js';
import { GroupColumn } from './group-column.js';
import type { TableLimits } from './limits.js';
import { pickerFor, type Row, type TableFacts, type TableReader } from './table.js';

const blockRows = 1000;
/** So much of a row group is held in memory at once: values are of all columns together, bytes are unpacked ones; so many rows it may always be. */
const wholeWindow = { rows: 16_384, values: 3_000_000, bytes: 32 * 1024 * 1024 };
/** A row group with lists or structures is held as a whole: one of more values is refused. */
const mostValues = 40_000_000;
const largestPage = 512 * 1024 * 1024;

// what hyparquet does not bring itself, Node has; a page never becomes larger than it says
const compressors: Compressors = {
  GZIP: (input, outputLength) => gunzipSync(input, { maxOutputLength: bounded(outputLength) }),
  BROTLI: (input, outputLength) => brotliDecompressSync(input, { maxOutputLength: bounded(outputLength) }),
  ZSTD: (input, outputLength) => zstdDecompressSync(input, { maxOutputLength: bounded(outputLength) }),
};

function bounded(outputLength: number): number {
  return Math.max(1, Math.min(outputLength, largestPage));
}

/** True for the first bytes of a Parquet file. */
export function isParquet(head: Uint8Array): boolean {
  return Buffer.from(head.subarray(0, 4)).toString('latin1') === 'PAR1';
}

class ParquetRow implements Row {
  readonly line = 0;

  constructor(
    readonly number: number,
    readonly cells: readonly unknown[],
    private readonly columns: readonly string[],
  ) {}

  get raw(): string {
    return JSON.stringify(Object.fromEntries(this.columns.map((name, at) => [name, this.cells[at]])));
  }

  get length(): number {
    let length = 0;
    for (const cell of this.cells) length += typeof cell === 'string' ? cell.length + 3 : 12;
    return length;
  }
}

/** Opens a Parquet file; `whenDone` is called when it is no longer needed. */
export async function openParquet(
  source: string | Uint8Array,
  facts: TableFacts,
  limits: TableLimits,
  whenDone: () => Promise<void>,
  window: typeof wholeWindow = wholeWindow,
): Promise<TableReader> {
  try {
    const file: AsyncBuffer = typeof source === 'string' ? await asyncBufferFromFile(source) : bufferOf(source);
    const metadata = await parquetMetadataAsync(file);
    const columns = parquetSchema(metadata).children.map(({ element }) => element.name);
    if (columns.length > limits.columns) throw tooManyColumns({ columns: columns.length, limit: limits.columns });
    return {
      facts,
      columns,
      rows: () => rowsOf(file, metadata, columns, whenDone, window),
      picker: (names) => pickerFor(columns, names),
      close: whenDone,
    };
  } catch (error) {
    await whenDone();
    throw broken(error);
  }
}

function bufferOf(bytes: Uint8Array): AsyncBuffer {
  return {
    byteLength: bytes.byteLength,
    slice: (start, end) => Uint8Array.from(bytes.subarray(start, end)).buffer,
  };
}

function broken(error: unknown): unknown {
  return contentFault(error, 'the Parquet file is broken or uses what is not supported');
}

async function* rowsOf(
  file: AsyncBuffer,
  metadata: FileMetaData,
  columns: readonly string[],
  whenDone: () => Promise<void>,
  window: typeof wholeWindow,
): AsyncGenerator<readonly Row[]> {
  try {
    const values = columns.map(() => new GroupColumn());
    let first = 0;
    for (const group of metadata.row_groups) {
      const count = Number(group.num_rows);
      const most = windowRows(group, metadata, window);
      for (let begin = 0; begin < count; begin += most) {
        const length = Math.min(most, count - begin);
        await readWindow(file, metadata, columns, first + begin, length, values);
        for (let from = 0; from < length; from += blockRows) {
          const rows: Row[] = [];
          for (let at = from; at < Math.min(length, from + blockRows); at++) {
            const cells = values.map((column) => column.at(at));
            rows.push(new ParquetRow(first + begin + at + 1, cells, columns));
          }
          yield rows;
        }
      }
      first += count;
    }
  } catch (error) {
    throw broken(error);
  } finally {
    await whenDone();
  }
}

/** Rows of a row group that are read at once: a page that two windows share is unpacked for both, and some writers make one page of a whole group (DuckDB: 122,880 rows). */
function windowRows({ num_rows, columns }: RowGroup, metadata: FileMetaData, window: typeof wholeWindow): number {
  const count = Number(num_rows);
  if (parquetSchema(metadata).children.some(({ children }) => children.length > 0)) {
    // where lists begin stands in no header: each window would unpack all pages
    if (count * columns.length > mostValues) throw new Error(`a row group has more than ${mostValues} values; write smaller ones`);
    return Math.max(1, count);
  }
  const bytes = columns.reduce((sum, { meta_data }) => sum + Number(meta_data?.total_uncompressed_size ?? 0), 0);
  // where an index says which pages are wanted, small stretches cost little
  const values = columns.every(({ offset_index_offset }) => offset_index_offset) ? window.values / 3 : window.values;
  const wanted = Math.min(values / Math.max(1, columns.length), bytes > 0 ? (count * window.bytes) / bytes : count);
  const stretches = Math.ceil(count / Math.max(window.rows, Math.floor(wanted)));
  return Math.ceil(count / Math.max(1, stretches));
}

async function readWindow(
  file: AsyncBuffer,
  metadata: FileMetaData,
  columns: readonly string[],
  rowStart: number,
  count: number,
  into: readonly GroupColumn[],
): Promise<void> {
  const range = { rowStart, rowEnd: rowStart + count };
  for (const [at, column] of columns.entries()) {
    // a scan remembers what it has read: one for each column, so that it is gone when the next one is read
    const scan = await parquetScan({ file, metadata, compressors, ...range });
    const read = await scan.readColumn({ column, ...range });
    if (read.length !== count) throw new Error(`the column ${column} has ${read.length} values in ${count} rows`);
    into[at]!.take(read);
  }
}
