import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { createGzip, createZstdCompress } from 'node:zlib';
import type { CellValue, WrittenColumn } from './column-buffer.js';
import { ParquetFile } from './parquet-file.js';
import type { Compression } from './table.js';
import { CsvFile, NdjsonFile } from './text-file.js';

/** So much is held before it is handed on: memory of WebAssembly grows to several times this, and stays. */
const limits = { rows: 50_000, values: 100_000, characters: 4_000_000 };
/** A row group of Parquet ends where one of these is reached; it is held as it is encoded. */
const groupLimits = { rows: 50_000, values: 500_000 };

export interface WriteOptions {
  readonly format: 'parquet' | 'csv' | 'ndjson';
  readonly columns: readonly WrittenColumn[];
  /** Of the whole file; Parquet packs its pages by itself. */
  readonly compression?: Compression;
  readonly delimiter?: string;
}

/** Writes a table in bounded memory: rows in, bytes out by `content`, which somebody has to read. */
export class TableWriter {
  /** The bytes of the file. */
  readonly content: Readable;
  private readonly sink = new PassThrough({ highWaterMark: 256 * 1024 });
  private readonly file: ParquetFile | CsvFile | NdjsonFile;
  private readonly mostRows: number;
  private held = 0;
  private characters = 0;
  private written = 0;

  constructor({ format, columns, compression = 'none', delimiter }: WriteOptions) {
    const mostRows = ({ rows, values }: typeof groupLimits) => Math.min(rows, Math.ceil(values / Math.max(1, columns.length)));
    this.mostRows = mostRows(limits);
    this.file =
      format === 'parquet'
        ? new ParquetFile(columns, mostRows(groupLimits), (bytes) => this.write(bytes))
        : format === 'csv'
          ? new CsvFile(columns, delimiter)
          : new NdjsonFile(columns);
    this.content = this.packed(compression);
  }

  /** Number of rows added so far. */
  get rowCount(): number {
    return this.written + this.held;
  }

  /** Adds a row, whose values cost about so many characters of memory. @returns what to wait for before the next row, if anything */
  add(values: readonly CellValue[], length = 0): Promise<void> | undefined {
    this.file.append(values);
    this.held++;
    this.characters += length;
    return this.held >= this.mostRows || this.characters >= limits.characters ? this.endGroup() : undefined;
  }

  /** Ends the file. */
  async finish(): Promise<void> {
    if (this.held > 0) await this.endGroup();
    if (this.file instanceof ParquetFile) await this.file.finish();
    else await this.write(this.file.finish());
    this.sink.end();
  }

  /** Gives the file up: its reader gets an error. */
  abandon(): void {
    this.content.on('error', () => undefined);
    const error = new Error('the file was given up');
    this.content.destroy(error);
    if (this.file instanceof ParquetFile) this.file.abandon(error);
    this.sink.destroy();
  }

  private async endGroup(): Promise<void> {
    this.written += this.held;
    this.held = 0;
    this.characters = 0;
    if (this.file instanceof ParquetFile) await this.file.flush();
    else await this.write(this.file.flush());
  }

  private async write(bytes: Uint8Array): Promise<void> {
    if (this.sink.destroyed) throw new Error('the reader of the content is gone');
    if (bytes.length === 0 || this.sink.write(bytes)) return;
    // a reader that went away never drains
    const waiting = new AbortController();
    const { signal } = waiting;
    const ends = [once(this.sink, 'drain', { signal }), once(this.sink, 'close', { signal })];
    await Promise.race(ends).finally(() => {
      for (const end of ends) end.catch(() => undefined);
      waiting.abort();
    });
    if (this.sink.destroyed) throw new Error('the reader of the content is gone');
  }

  private packed(compression: Compression): Readable {
    if (compression === 'none') return this.sink;
    const pack = compression === 'gzip' ? createGzip() : createZstdCompress();
    pack.once('close', () => this.sink.destroy());
    return this.sink.pipe(pack);
  }
}
