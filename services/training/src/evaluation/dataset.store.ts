import { type DatasetManifest, datasetManifest } from '@bascule/contracts';
import type { ObjectStore } from '@bascule/storage';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import type { Feature, Row } from '../trainers/row.js';
import { RowStore } from '../trainers/row-store.js';
import { type Label, rowOf, timeColumnOf } from './read-dataset.js';

/** Reads dataset versions from the object store: a manifest, and Parquet parts one after another. */
export class DatasetStore {
  constructor(private readonly objects: ObjectStore) {}

  async getManifest(datasetVersion: string): Promise<DatasetManifest> {
    const bytes = await this.objects.get(datasetVersion);
    return datasetManifest.parse(JSON.parse(bytes.toString('utf8')));
  }

  /** The labelled rows of a version; only the columns that are needed are decoded. @param group a column that tells rows which belong together */
  async readRows(manifest: DatasetManifest, features: readonly Feature[], label: Label, group?: string): Promise<Row[]> {
    const timeColumn = timeColumnOf(manifest);
    if (!timeColumn) throw new Error(`dataset ${manifest.datasetName} has no column with the role time`);
    const columns = [...new Set([timeColumn, label.column, ...features.map(({ name }) => name), ...(group === undefined ? [] : [group])])];
    const store = new RowStore(features, manifest.rowCount);
    const rows: Row[] = [];
    for (const part of manifest.parts) {
      const bytes = await this.objects.get(part.digest);
      // a copy: small Buffers share one memory block with others, and Parquet offsets count from its start
      const file = new Uint8Array(bytes).buffer;
      const metadata = parquetMetadata(file);
      // a part written under an older contract may lack a column: its values are missing
      const present = new Set(metadata.schema.map(({ name }) => name));
      const wanted = { file, metadata, columns: columns.filter((name) => present.has(name)) };
      let rowStart = 0;
      // a group of rows at a time: records as objects take many times the room of the rows
      for (const { num_rows: count } of metadata.row_groups) {
        const rowEnd = rowStart + Number(count);
        for (const record of await parquetReadObjects({ ...wanted, rowStart, rowEnd })) {
          const row = rowOf(record, features, label, timeColumn, group);
          if (row) rows.push(store.add(row));
        }
        rowStart = rowEnd;
      }
    }
    return rows;
  }
}
