import { type DatasetManifest, datasetManifest } from '@bascule/contracts';
import type { ObjectStore } from '@bascule/storage';
import type { Feature, Rows } from '../trainers/row.js';
import { RowStore } from '../trainers/row-store.js';
import { openPart } from './parquet-part.js';
import { cellOf, type Label, labelOf, timeColumnOf, timeOf } from './read-dataset.js';

interface Wanted {
  readonly features: readonly Feature[];
  readonly label: Label;
  /** Absent: all rows occurred when they were received. */
  readonly timeColumn: string | undefined;
  readonly receivedAt: number;
  readonly group: string | undefined;
}

/** Reads dataset versions from the object store: a manifest, and Parquet parts one after another. */
export class DatasetStore {
  constructor(private readonly objects: ObjectStore) {}

  async getManifest(datasetVersion: string): Promise<DatasetManifest> {
    const bytes = await this.objects.get(datasetVersion);
    return datasetManifest.parse(JSON.parse(bytes.toString('utf8')));
  }

  /** The labelled rows of a version; only the columns that are needed are decoded. @param group a column that tells rows which belong together */
  async readRows(manifest: DatasetManifest, features: readonly Feature[], label: Label, group?: string): Promise<Rows> {
    const timeColumn = timeColumnOf(manifest);
    const store = new RowStore(features, manifest.rowCount);
    for (const { digest, occurredFrom } of manifest.parts) {
      const wanted = { features, label, timeColumn, receivedAt: Date.parse(occurredFrom), group };
      await readPart(await this.objects.get(digest), store, wanted);
    }
    return store.rows();
  }
}

async function readPart(bytes: Buffer, store: RowStore, wanted: Wanted): Promise<void> {
  const part = await openPart(bytes);
  for (const range of part.ranges) await readGroup((column) => part.read(column, range), store, wanted);
}

async function readGroup(
  read: (column: string) => Promise<ArrayLike<unknown>>,
  store: RowStore,
  { features, label, timeColumn, receivedAt, group }: Wanted,
): Promise<void> {
  const times = timeColumn === undefined ? undefined : await read(timeColumn);
  const timeAt = (row: number) => (times ? timeOf(times[row]) : receivedAt);
  const truths = await read(label.column);
  const labels = Array.from(truths, (truth) => labelOf(truth, label));
  // rows without a label, or without a time yet
  const kept = Uint32Array.from(labels.keys()).filter((row) => labels[row] !== undefined && !Number.isNaN(timeAt(row)));
  const first = store.room(kept.length);
  for (const [at, row] of kept.entries()) store.setHead(first + at, timeAt(row), labels[row]!);
  for (const [column, { name, kind }] of features.entries()) {
    const values = await read(name);
    for (const [at, row] of kept.entries()) store.setCell(first + at, column, cellOf(values[row], kind));
  }
  if (group === undefined) return;
  const groups = await read(group);
  for (const [at, row] of kept.entries()) store.setGroup(first + at, String(groups[row] ?? ''));
}
