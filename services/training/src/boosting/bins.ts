import { seededRandom } from '@bascule/stats';
import type { Column, NumberColumn, TextColumn } from '../trainers/frame.js';

/** Numbers fall into bin i when they are at most `thresholds[i]` and above the one before; the last bin is for missing ones. */
export interface NumberBins {
  readonly kind: 'numbers';
  /** Ascending 32-bit floats. */
  readonly thresholds: Float32Array;
}

/** Texts by their bin, from 1; bin 0 holds rare and unseen ones. */
export interface TextBins {
  readonly kind: 'texts';
  readonly bins: ReadonlyMap<string, number>;
}

export type FeatureBins = NumberBins | TextBins;

/** A byte holds a bin, the one for what is missing among them. */
const maxThresholds = 254;
const maxTexts = 254;
/** So many values say where the thresholds of a long column lie. */
const sampledValues = 200_000;

export function binCountOf(bins: FeatureBins): number {
  return bins.kind === 'numbers' ? bins.thresholds.length + 2 : bins.bins.size + 1;
}

export function missingBinOf(bins: NumberBins): number {
  return bins.thresholds.length + 1;
}

/** Finite values in ascending order; of a long column a seeded sample. */
function sampleOf(values: Float32Array): Float32Array {
  if (values.length <= sampledValues) return Float32Array.from(values).filter(Number.isFinite).sort();
  const random = seededRandom(values.length);
  return Float32Array.from({ length: sampledValues }, () => values[Math.floor(random() * values.length)]!)
    .filter(Number.isFinite)
    .sort();
}

/** A 32-bit float from `low` up to, but without, `high`, both 32-bit floats. */
function between(low: number, high: number): number {
  const middle = Math.fround(low + (high - low) / 2);
  return middle < high ? middle : low;
}

function distinctOf(sorted: Float32Array): Float32Array {
  let count = 0;
  const distinct = new Float32Array(sorted.length);
  for (const value of sorted) if (count === 0 || value !== distinct[count - 1]) distinct[count++] = value;
  return distinct.subarray(0, count);
}

function fitNumbers({ values }: NumberColumn, maxBins: number): NumberBins {
  const sorted = sampleOf(values);
  const distinct = distinctOf(sorted);
  const most = Math.min(maxThresholds, maxBins - 1);
  if (distinct.length <= most + 1) {
    const count = Math.max(distinct.length - 1, 0);
    return { kind: 'numbers', thresholds: Float32Array.from({ length: count }, (_, i) => between(distinct[i]!, distinct[i + 1]!)) };
  }
  const thresholds: number[] = [];
  for (let i = 1; i <= most; i++) {
    const at = (i / (most + 1)) * (sorted.length - 1);
    const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.min(Math.floor(at) + 1, sorted.length - 1)]!];
    const threshold = between(low, high);
    if (thresholds.length === 0 || threshold > thresholds.at(-1)!) thresholds.push(threshold);
  }
  return { kind: 'numbers', thresholds: Float32Array.from(thresholds) };
}

function fitTexts({ codes, dictionary }: TextColumn, rareBelow: number): TextBins {
  const counts = new Uint32Array(dictionary.length);
  for (const code of codes) counts[code]!++;
  const kept = dictionary.map((text, code) => ({ text, count: counts[code]! })).filter(({ count }) => count >= rareBelow);
  // by how often, then by code unit: the same rows in another order give the same bins
  kept.sort((a, b) => b.count - a.count || (a.text < b.text ? -1 : 1));
  return { kind: 'texts', bins: new Map(kept.slice(0, maxTexts).map(({ text }, index) => [text, index + 1])) };
}

export interface BinRule {
  readonly maxBins: number;
  /** Texts of fewer rows share one bin with unseen ones. */
  readonly rareBelow: number;
}

/** Learns the bins of a column from training rows only. */
export function fitBins(column: Column, { maxBins, rareBelow }: BinRule): FeatureBins {
  if (column.kind === 'times') throw new Error('times are to be prepared before');
  return column.kind === 'numbers' ? fitNumbers(column, maxBins) : fitTexts(column, rareBelow);
}

/** Writes the bin of each value of a column. */
function assignBins(column: Column, bins: FeatureBins, target: Uint8Array): void {
  if (column.kind === 'numbers' && bins.kind === 'numbers') assignNumbers(column.values, bins.thresholds, target);
  else if (column.kind === 'texts' && bins.kind === 'texts') {
    const binOfCode = Uint8Array.from(column.dictionary, (text) => bins.bins.get(text) ?? 0);
    for (let row = 0; row < target.length; row++) target[row] = binOfCode[column.codes[row]!]!;
  } else throw new Error('a column is not of the kind its bins are for');
}

/** Bins of the rows of a column: a byte each, in memory that threads share. */
export function binsOf(column: Column, bins: FeatureBins, rowCount: number): Uint8Array {
  const target = new Uint8Array(new SharedArrayBuffer(rowCount));
  assignBins(column, bins, target);
  return target;
}

/** Writes the bin of each number: how many thresholds lie below it. */
export function assignNumbers(values: Float32Array, thresholds: Float32Array, target: Uint8Array): void {
  const count = thresholds.length;
  for (let row = 0; row < target.length; row++) {
    const value = values[row]!;
    if (Number.isNaN(value)) {
      target[row] = count + 1;
      continue;
    }
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (value <= thresholds[middle]!) high = middle;
      else low = middle + 1;
    }
    target[row] = low;
  }
}
