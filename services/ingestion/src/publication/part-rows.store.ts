import type { DatasetColumn, DatasetPart } from '@bascule/contracts';
import { ObjectStore } from '@bascule/storage';
import { openTable } from '@bascule/tables';
import { Injectable } from '@nestjs/common';
import type { CellValue } from '../validation/column-rule.js';

/** Reads the rows of stored parts, in bounded memory; the digest of a part is verified before its first row is handed over. */
@Injectable()
export class PartRows {
  constructor(private readonly store: ObjectStore) {}

  /** Blocks of rows, values in the order of the columns; a column that the part does not have yet has no values. */
  async *blocks(
    part: Pick<DatasetPart, 'digest'>,
    columns: readonly Pick<DatasetColumn, 'name' | 'type'>[],
  ): AsyncGenerator<CellValue[][]> {
    const file = this.store.path?.(part.digest);
    const table = await openTable(await this.store.stream(part.digest), { format: 'parquet', file });
    const pick = table.picker(columns.map(({ name }) => name));
    for await (const rows of table.rows()) yield rows.map((row) => pick(row).map(cellOf));
  }
}

function cellOf(value: unknown): CellValue {
  if (value === undefined || value === null) return null;
  return value instanceof Date ? value.getTime() : (value as CellValue);
}
