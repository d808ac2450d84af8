import type { ColumnProfile } from '@bascule/contracts';
import { sumOf } from '@bascule/stats';
import type { FeatureBins } from '../drift/feature-bins.js';

type Distribution = NonNullable<ColumnProfile['numeric']>;

/**
 * Lines one column of a dataset version up with the same column of another one, from their profiles alone; missing values are the last bin.
 * Undefined where the profiles do not tell: identifiers, personal columns, and columns that hold something else now.
 */
export function columnBins(reference: ColumnProfile, current: ColumnProfile): FeatureBins | undefined {
  const bins = numericBins(reference, current) ?? categoricalBins(reference, current);
  if (!bins) return undefined;
  const [before, now] = bins;
  if (reference.missing > 0 || current.missing > 0) {
    before.push(reference.missing);
    now.push(current.missing);
  }
  return { reference: before, current: now, referenceCount: sumOf(before), currentCount: sumOf(now) };
}

function numericBins(reference: ColumnProfile, current: ColumnProfile): [number[], number[]] | undefined {
  if (!reference.numeric) return undefined;
  if (current.numeric) return [[...reference.numeric.counts], rebinned(current.numeric, reference.numeric.edges)];
  // no value any more
  return current.count === 0 ? [[...reference.numeric.counts], reference.numeric.counts.map(() => 0)] : undefined;
}

/** Counts of a distribution over other bins: within a bin of its own, values are taken to lie evenly. */
export function rebinned({ edges, counts, min, max }: Distribution, into: readonly number[]): number[] {
  const bounds = [min, ...edges, max];
  const below = (edge: number): number => {
    if (edge <= min) return 0;
    let sum = 0;
    for (let bin = 0; bin < counts.length; bin++) {
      const [from, to] = [bounds[bin]!, bounds[bin + 1]!];
      if (edge < to) return sum + (to > from ? (counts[bin]! * Math.max(0, edge - from)) / (to - from) : 0);
      // the largest value lies in the last bin, not beyond it
      if (edge === to && bin === counts.length - 1) return to > from ? sum + counts[bin]! : sum;
      sum += counts[bin]!;
    }
    return sum;
  };
  const cumulative = [0, ...into.map(below), counts.reduce((sum, count) => sum + count, 0)];
  return cumulative.slice(1).map((count, at) => Math.max(0, Math.round(count) - Math.round(cumulative[at]!)));
}

function categoricalBins(reference: ColumnProfile, current: ColumnProfile): [number[], number[]] | undefined {
  if (!reference.categories || !current.categories) return undefined;
  const left = new Map(current.categories.map(({ value, count }) => [value, count]));
  const before: number[] = [];
  const now: number[] = [];
  for (const { value, count } of reference.categories) {
    before.push(count);
    now.push(left.get(value) ?? 0);
    left.delete(value);
  }
  // what one side does not list may be among the rest of it: only the most frequent are listed
  const restBefore = reference.otherCount ?? 0;
  let restNow = current.otherCount ?? 0;
  const isWhole = restBefore === 0;
  for (const count of left.values()) {
    if (isWhole) {
      before.push(0);
      now.push(count);
    } else restNow += count;
  }
  if (restBefore > 0 || restNow > 0) {
    before.push(restBefore);
    now.push(restNow);
  }
  return [before, now];
}
