import type { EntityManager } from 'typeorm';
import type { PredictionRow } from './prediction-row.js';
import { insertPredictions } from './predictions.queries.js';

export interface Insertion {
  /** Ids of the rows that were not there yet. */
  fresh: Set<string>;
  /** Rows the database refuses for what they hold. */
  refused: { row: PredictionRow; reason: string }[];
}

/** Inserts all rows but those the database refuses: halves the block until each of them stands alone. Must run in a transaction. */
export async function insertSparingly(
  manager: EntityManager,
  rows: readonly PredictionRow[],
  schemaIds: readonly number[],
): Promise<Insertion> {
  await manager.query('savepoint block');
  try {
    return { fresh: await insertPredictions(manager, rows, schemaIds), refused: [] };
  } catch (error) {
    if (!isAboutData(error)) throw error;
    await manager.query('rollback to savepoint block');
    await manager.query('release savepoint block');
    if (rows.length === 1) return { fresh: new Set(), refused: [{ row: rows[0]!, reason: (error as Error).message }] };
    const middle = Math.ceil(rows.length / 2);
    const first = await insertSparingly(manager, rows.slice(0, middle), schemaIds.slice(0, middle));
    const second = await insertSparingly(manager, rows.slice(middle), schemaIds.slice(middle));
    return { fresh: new Set([...first.fresh, ...second.fresh]), refused: [...first.refused, ...second.refused] };
  }
}

// classes 22 and 23: the data does not fit its type or a constraint
function isAboutData(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^2[23]/.test(code);
}
