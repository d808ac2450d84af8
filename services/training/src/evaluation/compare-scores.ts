import type { PairedComparison } from '@bascule/contracts';
import type { Target } from '../trainers/fitted-model.js';

/** Fewer rows than this, or fewer of one class, tell nothing about a difference. */
const minRows = 100;
const minOfEachClass = 10;
const clip = 1e-6;
const deviations95 = 1.96;

const binary: Target = { task: 'binary', classes: ['0', '1'] };
const metrics = { binary: 'logLoss', multiclass: 'logLoss', regression: 'squaredError' } as const;

const lossOf = (likelihood: number): number => -Math.log(Math.min(1 - clip, Math.max(clip, likelihood)));

/** Loss of each row: of classes the log loss, of numbers the squared distance. */
export function lossesOf(scores: Float64Array, labels: ArrayLike<number>, { task, classes }: Target = binary): Float64Array {
  return Float64Array.from(labels, (label, row) => {
    if (task === 'regression') return (scores[row]! - label) ** 2;
    if (task === 'multiclass') return lossOf(scores[row * classes.length + label]!);
    return lossOf(label === 1 ? scores[row]! : 1 - scores[row]!);
  });
}

/** Whether the rows are too few to tell a difference: in all, or of the second most frequent class. */
function isTooFew(labels: readonly number[], { task, classes }: Target): boolean {
  if (labels.length < minRows) return true;
  if (task === 'regression') return false;
  const counts = classes.map((_, k) => labels.reduce((sum, label) => sum + Number(label === k), 0)).sort((a, b) => b - a);
  return (counts[1] ?? 0) < minOfEachClass;
}

/** Rows that neither model can tell from each other have the same key. */
function keysOf(challenger: Float64Array, champion: Float64Array, rowCount: number): string[] {
  const width = challenger.length / Math.max(rowCount, 1);
  const of = (scores: Float64Array, row: number) => scores.subarray(row * width, (row + 1) * width).join();
  return Array.from({ length: rowCount }, (_, row) => `${of(challenger, row)};${of(champion, row)}`);
}

/**
 * Variance of the mean difference. A hundred rows that both models answer alike, because their attributes are lost for example,
 * say once how the answers differ, not a hundred times: they count as one cluster.
 */
function varianceOf(differences: Float64Array, mean: number, keys: readonly string[]): number {
  const rowCount = differences.length;
  const clusters = new Map<string, number>();
  let squares = 0;
  for (const [row, value] of differences.entries()) {
    squares += (value - mean) ** 2;
    clusters.set(keys[row]!, (clusters.get(keys[row]!) ?? 0) + value - mean);
  }
  const byRow = squares / (rowCount - 1) / rowCount;
  if (clusters.size < 2) return byRow;
  const sums = [...clusters.values()].reduce((total, sum) => total + sum ** 2, 0);
  return Math.max(byRow, ((sums / rowCount ** 2) * clusters.size) / (clusters.size - 1));
}

/**
 * Two models on the same rows: the loss of each row under one minus that under the other. The rows an average rests on
 * are the same for both, so that what makes a row hard falls out of the difference.
 */
export function compareScores(
  challenger: Float64Array,
  champion: Float64Array,
  labels: readonly number[],
  target: Target = binary,
): PairedComparison {
  const rowCount = labels.length;
  const [own, others] = [lossesOf(challenger, labels, target), lossesOf(champion, labels, target)];
  const differences = own.map((loss, row) => loss - others[row]!);
  const difference = rowCount > 0 ? differences.reduce((sum, value) => sum + value, 0) / rowCount : 0;
  const margin = rowCount > 1 ? deviations95 * Math.sqrt(varianceOf(differences, difference, keysOf(challenger, champion, rowCount))) : 0;
  const interval: [number, number] = [difference - margin, difference + margin];
  const verdict = isTooFew(labels, target) ? 'too-little-data' : verdictOf(interval);
  return { verdict, metric: metrics[target.task], difference, interval, rowCount };
}

function verdictOf([low, high]: readonly [number, number]): PairedComparison['verdict'] {
  if (high < 0) return 'better';
  return low > 0 ? 'worse' : 'no-difference';
}
