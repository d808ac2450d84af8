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
function isTooFew(labels: ArrayLike<number>, { task, classes }: Target): boolean {
  if (labels.length < minRows) return true;
  if (task === 'regression') return false;
  const counts = new Int32Array(Math.max(classes.length, 2));
  for (let row = 0; row < labels.length; row++) counts[labels[row]!]!++;
  return counts.sort().at(-2)! < minOfEachClass;
}

/** Rows so that those follow one another that neither model can tell from each other, and which of them begin such a cluster. */
function clustersOf(challenger: Float64Array, champion: Float64Array, rowCount: number) {
  const width = challenger.length / Math.max(rowCount, 1);
  const orderOf = (a: number, b: number) => {
    for (const scores of [challenger, champion]) {
      for (let k = 0; k < width; k++) {
        const difference = scores[a * width + k]! - scores[b * width + k]!;
        if (difference !== 0) return difference;
      }
    }
    return 0;
  };
  const order = Uint32Array.from({ length: rowCount }, (_, row) => row).sort((a, b) => orderOf(a, b) || a - b);
  return { order, isFirst: (at: number) => at === 0 || orderOf(order[at - 1]!, order[at]!) !== 0 };
}

/**
 * Variance of the mean difference. A hundred rows that both models answer alike, because their attributes are lost for example,
 * say once how the answers differ, not a hundred times: they count as one cluster.
 */
function varianceOf(differences: Float64Array, mean: number, { order, isFirst }: ReturnType<typeof clustersOf>): number {
  const rowCount = differences.length;
  const byRow = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (rowCount - 1) / rowCount;
  let [clusters, sums, own] = [0, 0, 0];
  for (let at = 0; at < rowCount; at++) {
    if (isFirst(at)) {
      clusters++;
      sums += own ** 2;
      own = 0;
    }
    own += differences[order[at]!]! - mean;
  }
  sums += own ** 2;
  return clusters < 2 ? byRow : Math.max(byRow, ((sums / rowCount ** 2) * clusters) / (clusters - 1));
}

/**
 * Two models on the same rows: the loss of each row under one minus that under the other. The rows an average rests on
 * are the same for both, so that what makes a row hard falls out of the difference.
 */
export function compareScores(
  challenger: Float64Array,
  champion: Float64Array,
  labels: ArrayLike<number>,
  target: Target = binary,
): PairedComparison {
  const rowCount = labels.length;
  const [own, others] = [lossesOf(challenger, labels, target), lossesOf(champion, labels, target)];
  const differences = own.map((loss, row) => loss - others[row]!);
  const difference = rowCount > 0 ? differences.reduce((sum, value) => sum + value, 0) / rowCount : 0;
  const margin =
    rowCount > 1 ? deviations95 * Math.sqrt(varianceOf(differences, difference, clustersOf(challenger, champion, rowCount))) : 0;
  const interval: [number, number] = [difference - margin, difference + margin];
  const verdict = isTooFew(labels, target) ? 'too-little-data' : verdictOf(interval);
  return { verdict, metric: metrics[target.task], difference, interval, rowCount };
}

function verdictOf([low, high]: readonly [number, number]): PairedComparison['verdict'] {
  if (high < 0) return 'better';
  return low > 0 ? 'worse' : 'no-difference';
}
