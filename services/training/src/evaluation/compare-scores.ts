import type { PairedComparison } from '@bascule/contracts';

/** Fewer rows than this, or fewer of one class, tell nothing about a difference. */
const minRows = 100;
const minOfEachClass = 10;
const clip = 1e-6;
const deviations95 = 1.96;

const lossOf = (score: number, label: 0 | 1): number => {
  const likely = Math.min(1 - clip, Math.max(clip, label === 1 ? score : 1 - score));
  return -Math.log(likely);
};

/**
 * Two models on the same rows: the log loss of each row under one minus that under the other. The rows an average rests on
 * are the same for both, so that what makes a row hard falls out of the difference.
 */
export function compareScores(challenger: Float64Array, champion: Float64Array, labels: readonly (0 | 1)[]): PairedComparison {
  const rowCount = labels.length;
  const differences = Float64Array.from(labels, (label, row) => lossOf(challenger[row]!, label) - lossOf(champion[row]!, label));
  const difference = rowCount > 0 ? differences.reduce((sum, value) => sum + value, 0) / rowCount : 0;
  const squares = differences.reduce((sum, value) => sum + (value - difference) ** 2, 0);
  const margin = rowCount > 1 ? deviations95 * Math.sqrt(squares / (rowCount - 1) / rowCount) : 0;
  const positives = labels.reduce((sum: number, label) => sum + label, 0);
  const isFew = rowCount < minRows || Math.min(positives, rowCount - positives) < minOfEachClass;
  const interval: [number, number] = [difference - margin, difference + margin];
  return { verdict: isFew ? 'too-little-data' : verdictOf(interval), metric: 'logLoss', difference, interval, rowCount };
}

function verdictOf([low, high]: readonly [number, number]): PairedComparison['verdict'] {
  if (high < 0) return 'better';
  return low > 0 ? 'worse' : 'no-difference';
}
