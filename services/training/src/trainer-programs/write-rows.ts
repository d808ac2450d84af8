import type { DecodedArray } from 'hyparquet';
import { fileWriter, parquetWrite } from 'hyparquet-writer';
import { type Feature, isNumber, type Rows } from '../trainers/row.js';
import { cellsOf } from '../trainers/rows.js';

/** What the columns are called that are no features. */
export interface HeadNames {
  readonly time: string;
  readonly label: string;
}

/**
 * A column of which nothing is there but the values that are asked for: the writer asks for a group of rows of one column at a time,
 * and whole columns of values as objects take many times the room of the rows.
 */
function columnOf(rowCount: number, valueAt: (at: number) => unknown): DecodedArray {
  const slice = (from = 0, to = rowCount) => Array.from({ length: Math.min(to, rowCount) - from }, (_, at) => valueAt(from + at));
  return { length: rowCount, slice } as unknown as DecodedArray;
}

function featureOf(rows: Rows, feature: Feature, position: number) {
  const cell = cellsOf(rows, position);
  const valueAt = (at: number) => {
    const value = cell(at);
    return value === '' || Number.isNaN(value) ? null : value;
  };
  const type = isNumber(feature) ? ('DOUBLE' as const) : ('STRING' as const);
  return { name: feature.name, data: columnOf(rows.length, valueAt), type, nullable: true };
}

/** Writes rows as Parquet, a group of rows after another: time, features, label. */
export async function writeRows(path: string, rows: Rows, features: readonly Feature[], names: HeadNames): Promise<void> {
  const hasIntegers = rows.every(({ label }) => Number.isInteger(label));
  await parquetWrite({
    writer: fileWriter(path),
    columnData: [
      { name: names.time, data: columnOf(rows.length, (at) => new Date(rows.at(at)!.occurredAt)), type: 'TIMESTAMP' },
      ...features.map((feature, position) => featureOf(rows, feature, position)),
      { name: names.label, data: columnOf(rows.length, (at) => rows.at(at)!.label), type: hasIntegers ? 'INT32' : 'DOUBLE' },
    ],
  });
}
