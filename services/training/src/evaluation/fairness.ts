import type { Fairness, FairnessGroup } from '@bascule/contracts';
import { auc } from '@bascule/stats';

/** Smaller groups are shown, but counted in no difference: their rates are chance. */
const minRows = 30;

const shareOf = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

function groupOf(value: string, scores: readonly number[], labels: readonly number[], chosen: readonly number[]): FairnessGroup {
  const rowCount = labels.length;
  const sum = (of: (row: number) => number) => labels.reduce((total, _, row) => total + of(row), 0);
  const positiveCount = sum((row) => labels[row]!);
  const selected = sum((row) => chosen[row]!);
  const hits = sum((row) => chosen[row]! * labels[row]!);
  return {
    value,
    rowCount,
    positiveCount,
    selectionRate: selected / rowCount,
    baseRate: positiveCount / rowCount,
    accuracy: sum((row) => Number(chosen[row] === labels[row])) / rowCount,
    truePositiveRate: shareOf(hits, positiveCount),
    falsePositiveRate: shareOf(selected - hits, rowCount - positiveCount),
    precision: shareOf(hits, selected),
    auc: finite(auc(scores, labels)),
    calibrationGap: sum((row) => scores[row]! - labels[row]!) / rowCount,
  };
}

function spread(values: readonly (number | null)[]): number | null {
  const told = values.filter((value) => value !== null);
  return told.length < 2 ? null : Math.max(...told) - Math.min(...told);
}

/**
 * How the groups of a sensitive column fare under a binary model (definitions of Fairlearn).
 * @param chosen 1 where the model says yes
 */
export function fairnessOf(
  column: string,
  values: readonly string[],
  { scores, labels, chosen }: { scores: ArrayLike<number>; labels: readonly number[]; chosen: ArrayLike<number> },
): Fairness {
  const rows = new Map<string, number[]>();
  for (const [row, value] of values.entries()) {
    const own = rows.get(value);
    if (own) own.push(row);
    else rows.set(value, [row]);
  }
  const groups = [...rows].map(([value, own]) =>
    groupOf(
      value,
      own.map((row) => scores[row]!),
      own.map((row) => labels[row]!),
      own.map((row) => chosen[row]!),
    ),
  );
  groups.sort((a, b) => b.rowCount - a.rowCount || (a.value < b.value ? -1 : 1));
  const counted = groups.filter(({ rowCount }) => rowCount >= minRows);
  const rates = counted.map(({ selectionRate }) => selectionRate);
  const truePositive = spread(counted.map(({ truePositiveRate }) => truePositiveRate));
  const falsePositive = spread(counted.map(({ falsePositiveRate }) => falsePositiveRate));
  return {
    column,
    groups,
    demographicParityDifference: spread(rates),
    demographicParityRatio: counted.length < 2 || Math.max(...rates) === 0 ? null : Math.min(...rates) / Math.max(...rates),
    equalizedOddsDifference: truePositive === null || falsePositive === null ? null : Math.max(truePositive, falsePositive),
    equalOpportunityDifference: truePositive,
    leftOut: groups.filter(({ rowCount }) => rowCount < minRows).map(({ value }) => value),
  };
}
