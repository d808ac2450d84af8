import type { PieceRow } from '../batch-files/piece-file.js';
import type { FeatureColumn } from './feature-columns.js';
import { occurredAtOf, recordIdOf } from './row-facts.js';

/** The columns that a job reads. */
export interface RowColumns {
  readonly features: readonly FeatureColumn[];
  readonly idColumn: string | null;
  readonly occurredAtColumn: string | null;
}

interface FileRow {
  /** Of formats whose rows name their values: what is not named is absent. In a table it is missing. */
  readonly record?: Readonly<Record<string, unknown>>;
  readonly fault?: { readonly message: string };
}

/** Makes the reader that turns rows of a table into rows of a piece; what is wrong with a row stays with it. */
export function rowReader<Row extends FileRow>(
  table: { picker(names: readonly string[]): (row: Row) => readonly unknown[] },
  { features, idColumn, occurredAtColumn }: RowColumns,
  nowMs: number,
): (row: Row, number: number) => PieceRow {
  const pickCells = table.picker(features.map(({ column }) => column));
  const pickFacts = table.picker([idColumn, occurredAtColumn].map((name) => name ?? ''));
  return (row, number) => {
    const bad = (fault: string, recordId = ''): PieceRow => ({ number, recordId, occurredAtMs: null, cells: [], fault });
    const [rawId, rawTime] = idColumn === null && occurredAtColumn === null ? [] : pickFacts(row);
    const named = recordIdOf(idColumn === null ? undefined : rawId);
    // a row with too few or too many cells may still say which record it is
    if (row.fault) return bad(row.fault.message, 'fault' in named ? '' : named.id);
    if ('fault' in named) return bad(named.fault);
    const time = occurredAtOf(occurredAtColumn === null ? undefined : rawTime, nowMs);
    if ('fault' in time) return bad(time.fault, named.id);
    const picked = pickCells(row);
    const cells = row.record || !picked.includes(undefined) ? picked : picked.map(missingWhereAbsent);
    return { number, recordId: named.id, occurredAtMs: time.at, cells };
  };
}

function missingWhereAbsent(cell: unknown): unknown {
  return cell === undefined ? null : cell;
}
