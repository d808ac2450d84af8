import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { ObjectStore, StoredObject } from '@bascule/storage';
import type { CompiledContract } from '../contracts/compile-contract.js';
import type { CellValue } from '../validation/column-rule.js';
import { mergedSummary, type RowSummary, summaryOf } from './manifest.js';
import { PartFile } from './part-file.js';

/** A row group ends where one of these is reached. */
const limits = { rows: 50_000, cells: 1_000_000, characters: 8_000_000 };

export interface StoredPart extends StoredObject, RowSummary {}

/** Writes accepted rows to the object store while they are found; holds one row group in memory. */
export class PartUpload {
  private readonly file: PartFile;
  private rows: (readonly CellValue[])[] = [];
  private characters = 0;
  private summary: RowSummary | undefined;
  private upload: { stream: PassThrough; stored: Promise<StoredObject> } | undefined;

  constructor(
    private readonly store: ObjectStore,
    private readonly contract: CompiledContract,
    private readonly receivedAt: Date,
  ) {
    this.file = new PartFile(contract.columns);
  }

  /** Adds a row that was sent in so many characters. */
  async add(values: readonly CellValue[], length: number): Promise<void> {
    const { rows, contract } = this;
    rows.push(values);
    this.characters += length;
    const isFull = rows.length >= limits.rows || rows.length * contract.columns.length >= limits.cells;
    if (isFull || this.characters >= limits.characters) await this.endGroup();
  }

  /** The part as it is stored; undefined when there was no row. */
  async finish(): Promise<StoredPart | undefined> {
    if (this.rows.length > 0) await this.endGroup();
    if (!this.upload || !this.summary) return undefined;
    await this.write(this.file.finish());
    this.upload.stream.end();
    return { ...(await this.upload.stored), ...this.summary };
  }

  /** Gives up what was written so far; nothing stays in the store. */
  async abandon(): Promise<void> {
    this.rows = [];
    this.upload?.stream.destroy(new Error('the part was given up'));
    await this.upload?.stored.catch(() => undefined);
  }

  private async endGroup(): Promise<void> {
    const { rows } = this;
    this.rows = [];
    this.characters = 0;
    this.summary = mergedSummary(this.summary, summaryOf(this.contract, rows, this.receivedAt));
    await this.write(this.file.add(rows));
  }

  private async write(bytes: Uint8Array): Promise<void> {
    this.upload ??= this.open();
    const { stream, stored } = this.upload;
    // a store that failed reads no more: its error ends the wait
    if (!stream.write(bytes)) await Promise.race([once(stream, 'drain'), stored]);
  }

  private open() {
    const stream = new PassThrough();
    const stored = this.store.put(stream);
    // whoever waits for it gets the error; until then it must not end the process
    stored.catch(() => undefined);
    stream.on('error', () => undefined);
    return { stream, stored };
  }
}
