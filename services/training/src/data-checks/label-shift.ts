import type { Label } from '../evaluation/read-dataset.js';
import type { LabelCounts } from '../triggers/situation.js';

/** Value of a label column as text to its number of rows. */
export type ValueCounts = Readonly<Record<string, number>>;

/** What of the labels moved most, and how often it is. */
export interface LabelShift {
  /** Absent where it is the label's "yes". */
  readonly labelName?: string;
  readonly labelsBefore: LabelCounts;
  readonly labelsSince: LabelCounts;
}

/** Counts "yes" of two classes; of several the one whose share moved most; of numbers those above the median of before. */
export function labelShiftOf(label: Pick<Label, 'task' | 'positive' | 'classes'>, before: ValueCounts, since: ValueCounts): LabelShift {
  const shiftOf = (is: (value: string) => boolean, labelName?: string): LabelShift => ({
    ...(labelName === undefined ? {} : { labelName }),
    labelsBefore: countOf(before, is),
    labelsSince: countOf(since, is),
  });
  if (label.task === 'regression') {
    const median = medianOf(before);
    return shiftOf((value) => numberOf(value) > median, `above ${Number(median.toPrecision(3))}`);
  }
  if (label.task === 'multiclass') {
    const shifts = (label.classes ?? []).map((value) => shiftOf((other) => other === String(value), String(value)));
    return shifts.reduce((most, shift) => (sizeOf(shift) > sizeOf(most) ? shift : most));
  }
  const positive = new Set((label.positive ?? []).map(String));
  return shiftOf((value) => positive.has(value));
}

/**
 * Fewer different values: numbers in two digits, which is enough to say where they lie. One that was rounded is marked, so that it is
 * taken for no other value.
 */
export function coarsened(counts: ReadonlyMap<string, number>, most: number): ReadonlyMap<string, number> {
  if (counts.size <= most) return counts;
  const rough = new Map<string, number>();
  for (const [value, count] of counts) {
    const rounded = String(Number(Number(value).toPrecision(2)));
    const key = rounded === value || value === '' || rounded === 'NaN' ? value : `${roundedMark}${rounded}`;
    rough.set(key, (rough.get(key) ?? 0) + count);
  }
  return rough;
}

const roundedMark = '~';
const numberOf = (value: string): number => {
  const text = value.startsWith(roundedMark) ? value.slice(roundedMark.length) : value;
  return text === '' ? Number.NaN : Number(text);
};
const share = ({ positiveCount, rowCount }: LabelCounts): number => (rowCount > 0 ? positiveCount / rowCount : 0);
const sizeOf = ({ labelsBefore, labelsSince }: LabelShift): number => Math.abs(share(labelsSince) - share(labelsBefore));

function countOf(counts: ValueCounts, is: (value: string) => boolean): LabelCounts {
  let [rowCount, positiveCount] = [0, 0];
  for (const [value, count] of Object.entries(counts)) {
    rowCount += count;
    if (is(value)) positiveCount += count;
  }
  return { rowCount, positiveCount };
}

function medianOf(counts: ValueCounts): number {
  const known = Object.entries(counts)
    .map(([value, count]) => [numberOf(value), count] as const)
    .filter(([value]) => Number.isFinite(value))
    .sort(([a], [b]) => a - b);
  let left = known.reduce((sum, [, count]) => sum + count, 0) / 2;
  for (const [value, count] of known) {
    left -= count;
    if (left <= 0) return value;
  }
  return 0;
}
