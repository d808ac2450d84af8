import type { DatasetColumn, DatasetPart } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { ObjectStore } from '@bascule/storage';
import { openTable } from '@bascule/tables';
import { Injectable } from '@nestjs/common';
import type { CellValue } from '../validation/column-rule.js';
import { ValidationStarts } from '../validation/validation-starts.queries.js';

const blocksBetweenWords = 100;

/** Reads the rows of stored parts, in bounded memory; the digest of a part is verified before its first row is handed over. */
@Injectable()
export class PartRows {
  constructor(
    private readonly store: ObjectStore,
    private readonly starts: ValidationStarts,
  ) {}

  /** Blocks of rows, values in the order of the columns; a column that the part does not have yet has no values. */
  async *blocks(
    part: Pick<DatasetPart, 'digest'>,
    columns: readonly Pick<DatasetColumn, 'name' | 'type'>[],
  ): AsyncGenerator<CellValue[][]> {
    const file = this.store.path?.(part.digest);
    const table = await openTable(await this.store.stream(part.digest), { format: 'parquet', file });
    const pick = table.picker(columns.map(({ name }) => name));
    let blocks = 0;
    for await (const rows of table.rows()) {
      // a transaction in which nothing is asked for two minutes is ended by the server
      if (++blocks % blocksBetweenWords === 0) await Transactions.current()?.query('select 1');
      yield rows.map((row) => pick(row).map(cellOf));
      // a publication goes through what is there already, which may take longer than the batch itself
      await this.starts.passed(rows.length);
    }
  }
}

function cellOf(value: unknown): CellValue {
  if (value === undefined || value === null) return null;
  return value instanceof Date ? value.getTime() : (value as CellValue);
}
