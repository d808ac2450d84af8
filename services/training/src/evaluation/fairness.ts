import type { Fairness, FairnessGroup } from '@bascule/contracts';
import { auc } from '@bascule/stats';
import type { Target } from '../trainers/fitted-model.js';
import { counted, groupsOf, spread } from './groups.js';
import { chosenClasses } from './performance.js';

const shareOf = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** Answers about one class: how probable it is, whether it is true, and whether the model says so. */
export interface Answers {
  readonly scores: ArrayLike<number>;
  /** 1 where it is true. */
  readonly labels: ArrayLike<number>;
  /** 1 where the model says yes. */
  readonly chosen: ArrayLike<number>;
}

function groupOf(value: string, rows: Int32Array, answers: Answers): FairnessGroup {
  const rowCount = rows.length;
  const of = (values: ArrayLike<number>) => Float64Array.from(rows, (row) => values[row]!);
  const [scores, labels, chosen] = [of(answers.scores), of(answers.labels), of(answers.chosen)];
  const sum = (amount: (row: number) => number) => labels.reduce((total, _, row) => total + amount(row), 0);
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

/** How the groups of a sensitive column fare where a model says yes or no (definitions of Fairlearn). */
export function fairnessOf(column: string, values: readonly string[], answers: Answers): Fairness {
  const groups = groupsOf(values).map(([value, rows]) => groupOf(value, rows, answers));
  const { large, leftOut } = counted(groups);
  const rates = large.map(({ selectionRate }) => selectionRate);
  const truePositive = spread(large.map(({ truePositiveRate }) => truePositiveRate));
  const falsePositive = spread(large.map(({ falsePositiveRate }) => falsePositiveRate));
  return {
    column,
    groups,
    demographicParityDifference: spread(rates),
    demographicParityRatio: large.length < 2 || Math.max(...rates) === 0 ? null : Math.min(...rates) / Math.max(...rates),
    equalizedOddsDifference: truePositive === null || falsePositive === null ? null : Math.max(truePositive, falsePositive),
    equalOpportunityDifference: truePositive,
    leftOut,
  };
}

/** The same of a model that tells classes: of two the second, which means yes; of several each against all others. */
export function fairnessByClass(
  column: string,
  values: readonly string[],
  { scores, labels }: { scores: Float64Array; labels: Float64Array },
  target: Target,
): Fairness[] {
  const chosen = chosenClasses(scores, target);
  if (target.task === 'binary') return [fairnessOf(column, values, { scores, labels, chosen })];
  const width = target.classes.length;
  return target.classes.map((name, k) => {
    const own = {
      scores: Float64Array.from({ length: labels.length }, (_, row) => scores[row * width + k]!),
      labels: Uint8Array.from(labels, (label) => Number(label === k)),
      chosen: Uint8Array.from(chosen, (choice) => Number(choice === k)),
    };
    return { ...fairnessOf(column, values, own), class: name };
  });
}
