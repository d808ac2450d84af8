import type { RecordBatch } from 'apache-arrow';
import { type CellValue, ColumnBuffer, type FlatColumn, type WrittenColumn } from './column-buffer.js';

type Arrow = typeof import('apache-arrow');
type Wasm = typeof import('parquet-wasm');
type WasmBatch = ReturnType<ReturnType<Wasm['Table']['fromIPCStream']>['recordBatches']>[number];

/** What is done with the bytes of a file as they come. */
export type TakeBytes = (bytes: Uint8Array) => Promise<void>;

// several megabytes of code: loaded by those who write Parquet
let libraries: Promise<{ arrow: Arrow; wasm: Wasm }> | undefined;

function load(): Promise<{ arrow: Arrow; wasm: Wasm }> {
  libraries ??= (async () => {
    const [arrow, wasm] = await Promise.all([import('apache-arrow'), import('parquet-wasm/node')]);
    return { arrow, wasm: ((wasm as { default?: unknown }).default ?? wasm) as Wasm };
  })();
  return libraries;
}

/** Encoded bytes after which a row group ends, however few rows it has. */
const groupBytes = 4 * 1024 * 1024;
/** Rows that wait to be put into columns. */
const rowsAtOnce = 256;

/**
 * Writes one Parquet file in bounded memory: columns are collected flat, handed over as Apache Arrow and encoded by parquet-wasm.
 * The same rows, flushed at the same places, give the same bytes. Every column is optional in the file.
 */
export class ParquetFile {
  private readonly buffers: ColumnBuffer[];
  private count = 0;
  private rows: (readonly CellValue[])[] = [];
  private encoder: GroupEncoder | undefined;

  constructor(
    private readonly columns: readonly WrittenColumn[],
    /** Rows of a row group. */
    private readonly groupRows: number,
    private readonly take: TakeBytes,
  ) {
    this.buffers = columns.map(({ type }) => ColumnBuffer.for(type));
  }

  /** Adds a row to those that are held. */
  append(row: readonly CellValue[]): void {
    this.rows.push(row);
    this.count++;
    if (this.rows.length >= rowsAtOnce) this.sort();
  }

  /** Hands over the rows that are held; returns when they are encoded. */
  async flush(): Promise<void> {
    if (this.count > 0 || !this.encoder) await this.write();
  }

  /** Ends the file. */
  async finish(): Promise<void> {
    await this.flush();
    await this.encoder!.finish();
  }

  /** Gives the file up. */
  abandon(error: Error): void {
    this.encoder?.abandon(error);
  }

  /** Puts the rows that wait into their columns. */
  private sort(): void {
    const { buffers, rows } = this;
    for (let at = 0; at < buffers.length; at++) buffers[at]!.push(rows, at);
    this.rows = [];
  }

  private async write(): Promise<void> {
    const { arrow, wasm } = await load();
    this.sort();
    const flat = this.buffers.map((buffer) => buffer.take());
    this.count = 0;
    this.encoder ??= new GroupEncoder(propertiesOf(wasm, this.columns, flat, this.groupRows), wasm, this.take);
    const ipc = arrow.tableToIPC(new arrow.Table([recordBatch(arrow, this.columns, flat)]), 'stream');
    const table = wasm.Table.fromIPCStream(ipc);
    const [batch] = table.recordBatches();
    table.free();
    await this.encoder.add(batch!);
  }
}

/** Feeds record batches to the encoder one at a time and hands on what comes out. */
class GroupEncoder {
  private controller!: ReadableStreamDefaultController<WasmBatch>;
  private wanted = Promise.withResolvers<void>();
  private readonly done: Promise<void>;

  constructor(properties: ReturnType<typeof propertiesOf>, wasm: Wasm, take: TakeBytes) {
    const groups = new ReadableStream<WasmBatch>(
      {
        start: (controller) => {
          this.controller = controller;
        },
        pull: () => this.wanted.resolve(),
      },
      { highWaterMark: 0 },
    );
    this.done = (async () => {
      const bytes = (await wasm.transformParquetStream(groups, properties)) as ReadableStream<Uint8Array>;
      for await (const piece of bytes) await take(piece);
    })();
    // whoever adds or finishes gets the error; until then it must not end the process
    this.done.catch(() => undefined);
  }

  async add(batch: WasmBatch): Promise<void> {
    await Promise.race([this.wanted.promise, this.done]);
    this.wanted = Promise.withResolvers();
    this.controller.enqueue(batch);
    // taken, and with it the group before is encoded
    await Promise.race([this.wanted.promise, this.done]);
  }

  async finish(): Promise<void> {
    this.controller.close();
    await this.done;
  }

  abandon(error: Error): void {
    try {
      this.controller.error(error);
    } catch {
      // it has come to its end already
    }
  }
}

function recordBatch(arrow: Arrow, columns: readonly WrittenColumn[], flat: readonly FlatColumn[]): RecordBatch {
  const types = columns.map(({ type }) => {
    if (type === 'string') return new arrow.Utf8();
    if (type === 'number') return new arrow.Float64();
    if (type === 'boolean') return new arrow.Bool();
    return type === 'integer' ? new arrow.Int64() : new arrow.Timestamp(arrow.TimeUnit.MILLISECOND, 'UTC');
  });
  const fields = columns.map(({ name }, at) => new arrow.Field(name, types[at]!, true));
  const children = flat.map(({ length, nullCount, validity: nullBitmap, data, offsets }, at) =>
    arrow.makeData({ type: types[at]!, length, nullCount, nullBitmap, data, valueOffsets: offsets } as Parameters<Arrow['makeData']>[0]),
  );
  const struct = arrow.makeData({ type: new arrow.Struct(fields), length: flat[0]?.length ?? 0, nullCount: 0, children });
  return new arrow.RecordBatch(new arrow.Schema(fields), struct);
}

/** Snappy pages; dictionaries where values repeat in the first group; bounds of times only, which let a reader pass over groups. */
function propertiesOf(wasm: Wasm, columns: readonly WrittenColumn[], first: readonly FlatColumn[], groupRows: number) {
  let builder = new wasm.WriterPropertiesBuilder()
    .setCreatedBy('bascule')
    .setCompression(wasm.Compression.SNAPPY)
    .setMaxRowGroupSize(groupRows)
    .setMaxRowGroupBytes(groupBytes)
    .setDictionaryEnabled(false)
    .setStatisticsEnabled(wasm.EnabledStatistics.None);
  columns.forEach(({ name, type }, at) => {
    if (first[at]!.isRepetitive) builder = builder.setColumnDictionaryEnabled(name, true);
    if (type === 'timestamp') builder = builder.setColumnStatisticsEnabled(name, wasm.EnabledStatistics.Chunk);
  });
  return builder.build();
}
