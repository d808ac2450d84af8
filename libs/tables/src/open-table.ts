import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ByteSource } from './byte-source.js';
import { compressionOf, unpacked } from './compression.js';
import { contentFault } from './content-fault.js';
import { defaultLimits, type TableLimits } from './limits.js';
import { isParquet, openParquet } from './parquet-table.js';
import type { Compression, TableOptions, TableReader } from './table.js';
import { openText } from './text-table.js';

const chunkBytes = 256 * 1024;
const parquetFacts = { format: 'parquet', compression: 'none', duplicateColumns: [], sureness: { format: 1 } } as const;

/**
 * Opens a table for reading in bounded memory: CSV, TSV, NDJSON, a JSON array or Parquet, as it is or packed by gzip or zstd.
 * What the options do not tell is found out from the beginning of the content. A path is read faster than a stream where it is Parquet.
 */
export async function openTable(source: Readable | string, options: TableOptions = {}): Promise<TableReader> {
  const limits = { ...defaultLimits, ...options.limits };
  const packed = new ByteSource(typeof source === 'string' ? createReadStream(source, { highWaterMark: chunkBytes }) : source);
  try {
    const compression = options.compression ?? compressionOf(await packed.head(4));
    const bytes = compression === 'none' ? packed : new ByteSource(unpacked(Readable.from(packed), compression, limits));
    const head = await bytes.head(chunkBytes);
    if (options.format !== 'parquet' && !(options.format === undefined && isParquet(head)))
      return await openText(bytes, head, compression, options, limits);
    if (typeof source !== 'string' && compression === 'none' && options.file !== undefined) {
      for await (const _ of packed);
      return await openParquet(options.file, parquetFacts, limits, async () => undefined);
    }
    if (typeof source !== 'string' || compression !== 'none') return await openSpooled(bytes, compression, limits);
    packed.close();
    return await openParquet(source, parquetFacts, limits, async () => undefined);
  } catch (error) {
    packed.close();
    throw contentFault(error, 'the content cannot be unpacked');
  }
}

/** Parquet is read from its end: a stream of it has to lie in a file first. */
async function openSpooled(bytes: ByteSource, compression: Compression, limits: TableLimits): Promise<TableReader> {
  const folder = await mkdtemp(join(tmpdir(), 'bascule-table-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  const file = join(folder, 'table.parquet');
  try {
    await pipeline(bytes, createWriteStream(file));
  } catch (error) {
    await remove();
    throw error;
  }
  return openParquet(file, { ...parquetFacts, compression }, limits, remove);
}
