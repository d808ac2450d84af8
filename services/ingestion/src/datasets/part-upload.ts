import type { ObjectStore, StoredObject } from '@bascule/storage';
import { TableWriter } from '@bascule/tables';
import type { CompiledContract } from '../contracts/compile-contract.js';
import type { CellValue } from '../validation/column-rule.js';
import { type PartSummary, type RowSummary, summaryOf, withRow } from './manifest.js';

export interface StoredPart extends StoredObject, PartSummary {}

/** Writes accepted rows to the object store while they are found; holds one row group in memory. */
export class PartUpload {
  private summary: RowSummary | undefined;
  private upload: { writer: TableWriter; stored: Promise<StoredObject> } | undefined;

  constructor(
    private readonly store: ObjectStore,
    private readonly contract: CompiledContract,
    private readonly receivedAt: Date,
  ) {}

  /** Adds a row that was sent in so many characters. */
  async add(values: readonly CellValue[], length: number): Promise<void> {
    this.upload ??= this.open();
    const { writer, stored } = this.upload;
    this.summary = withRow(this.summary, this.contract, values, this.receivedAt);
    const added = writer.add(values, length);
    // a store that failed reads no more: its error ends the wait
    if (added) await Promise.race([added, stored]);
  }

  /** When the first and the last row happened, in milliseconds since 1970; undefined before the first row. */
  range(): { from: number; to: number } | undefined {
    return this.summary && { from: this.summary.from, to: this.summary.to };
  }

  /** The part as it is stored; undefined when there was no row. */
  async finish(): Promise<StoredPart | undefined> {
    if (!this.upload || !this.summary) return undefined;
    const { writer, stored } = this.upload;
    await Promise.race([writer.finish(), stored]);
    return { ...(await stored), ...summaryOf(this.summary) };
  }

  /** Gives up what was written so far; nothing stays in the store. */
  async abandon(): Promise<void> {
    this.upload?.writer.abandon();
    await this.upload?.stored.catch(() => undefined);
  }

  private open() {
    const writer = new TableWriter({ format: 'parquet', columns: this.contract.columns });
    const stored = this.store.put(writer.content);
    // whoever waits for it gets the error; until then it must not end the process
    stored.catch(() => undefined);
    return { writer, stored };
  }
}
