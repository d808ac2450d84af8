import type { DatasetColumn } from '@bascule/contracts';
import { parquetWriteBuffer } from 'hyparquet-writer';
import type { CellValue } from '../validation/column-rule.js';

const parquetTypes = { string: 'STRING', number: 'DOUBLE', integer: 'INT64', boolean: 'BOOLEAN', timestamp: 'TIMESTAMP' } as const;

function stored(type: DatasetColumn['type'], value: CellValue): unknown {
  if (value === null) return null;
  if (type === 'integer') return BigInt(value as number);
  return type === 'timestamp' ? new Date(value as number) : value;
}

/**
 * Writes rows as one Parquet file. The same rows give the same bytes.
 * Every column is optional in the file, so that parts of different contract versions have one schema.
 */
export function writePart(columns: readonly DatasetColumn[], rows: readonly (readonly CellValue[])[]): Uint8Array {
  const columnData = columns.map(({ name, type }, at) => ({
    name,
    type: parquetTypes[type],
    nullable: true,
    data: rows.map((row) => stored(type, row[at] ?? null)),
  }));
  return new Uint8Array(parquetWriteBuffer({ columnData, createdBy: 'bascule', rowGroupSize: 100_000 }));
}
