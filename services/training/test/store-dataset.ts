import type { DataOf, DatasetManifest, datasetPublished } from '@bascule/contracts';
import { newId } from '@bascule/platform';
import type { ObjectStore } from '@bascule/storage';
import { parquetWriteBuffer } from 'hyparquet-writer';
import type { Row } from '../src/trainers/row.js';
import { features } from './birdstrikes.js';

const datasetName = 'birdstrikes';
const columns: DatasetManifest['columns'] = [
  { name: 'occurred_at', type: 'timestamp', role: 'time', nullable: false },
  ...features.map(({ name, kind }) => ({
    name,
    type: kind === 'numeric' ? ('number' as const) : ('string' as const),
    role: 'feature' as const,
    nullable: true,
  })),
  { name: 'damaged', type: 'integer', role: 'label', nullable: true },
];

function partOf(rows: readonly Row[]): ArrayBuffer {
  const cells = features.map(({ name, kind }, position) => {
    const missing = (cell: unknown) => cell === '' || Number.isNaN(cell);
    const data = rows.map((row) => (missing(row.cells[position]) ? null : row.cells[position]!));
    return { name, data, type: kind === 'numeric' ? ('DOUBLE' as const) : ('STRING' as const), nullable: true };
  });
  return parquetWriteBuffer({
    columnData: [
      { name: 'occurred_at', data: rows.map(({ occurredAt }) => new Date(occurredAt)), type: 'TIMESTAMP' },
      ...cells,
      { name: 'damaged', data: rows.map(({ label }) => label), type: 'INT32', nullable: true },
    ],
  });
}

const countsOf = (rows: readonly Row[]) => ({ rowCount: rows.length, labelledCount: rows.length });

function rangeOf(rows: readonly Row[]) {
  const times = rows.map(({ occurredAt }) => occurredAt);
  return { occurredFrom: new Date(Math.min(...times)).toISOString(), occurredTo: new Date(Math.max(...times)).toISOString() };
}

/** Stores a dataset version of these rows as ingestion does, and answers what ingestion would publish about it. @param overrides.after rows of the version before */
export async function storeDataset(
  objects: ObjectStore,
  rows: readonly Row[],
  overrides: { datasetName?: string; newLabelledCount?: number; after?: readonly Row[] } = {},
): Promise<DataOf<typeof datasetPublished>> {
  const batchId = newId();
  const { after = [] } = overrides;
  const all = [...after, ...rows];
  const [range, counts] = [rangeOf(all), countsOf(all)];
  const parts: DatasetManifest['parts'] = [];
  for (const [content, of] of [
    [after, newId()],
    [rows, batchId],
  ] as const) {
    if (content.length === 0) continue;
    const stored = await objects.put(new Uint8Array(partOf(content)));
    parts.push({ ...stored, ...countsOf(content), ...rangeOf(content), batchId: of, origin: 'upload' });
  }
  const manifest: DatasetManifest = {
    schemaVersion: 1,
    datasetName: overrides.datasetName ?? datasetName,
    contractName: datasetName,
    contractVersion: 1,
    parentVersion: null,
    columns,
    parts,
    ...counts,
    ...range,
  };
  const { digest } = await objects.put(Buffer.from(JSON.stringify(manifest)));
  return {
    datasetName: manifest.datasetName,
    datasetVersion: digest,
    parentVersion: null,
    contractName: datasetName,
    contractVersion: 1,
    ...counts,
    newLabelledCount: overrides.newLabelledCount ?? rows.length,
    ...range,
    batchIds: [batchId],
  };
}
