import type { ErrorFairness } from '@bascule/contracts';
import { counted, groupsOf, spread } from './groups.js';

function groupOf(value: string, rows: Int32Array, answers: ArrayLike<number>, labels: ArrayLike<number>): ErrorFairness['groups'][number] {
  const meanOf = (amount: (row: number) => number) => rows.reduce((sum, row) => sum + amount(row), 0) / rows.length;
  const above = (row: number) => answers[row]! - labels[row]!;
  return {
    value,
    rowCount: rows.length,
    meanLabel: meanOf((row) => labels[row]!),
    meanError: meanOf(above),
    mae: meanOf((row) => Math.abs(above(row))),
    rmse: Math.sqrt(meanOf((row) => above(row) ** 2)),
  };
}

/** How the groups of a sensitive column fare under a model that tells numbers: by how much it is off, and which way. */
export function errorFairnessOf(
  column: string,
  values: readonly string[],
  answers: ArrayLike<number>,
  labels: ArrayLike<number>,
): ErrorFairness {
  const groups = groupsOf(values).map(([value, rows]) => groupOf(value, rows, answers, labels));
  const { large, leftOut } = counted(groups);
  return {
    column,
    groups,
    meanErrorDifference: spread(large.map(({ meanError }) => meanError)),
    maeDifference: spread(large.map(({ mae }) => mae)),
    leftOut,
  };
}
