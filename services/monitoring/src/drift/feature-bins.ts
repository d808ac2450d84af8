import type { ReferenceProfile } from '@bascule/contracts';
import { LogSketch, sumOf } from '@bascule/stats';
import type { WindowCounts } from '../windows/window-counts.js';

export type FeatureProfile = ReferenceProfile['features'][number];

/** Reference and current counts of one feature over the same bins; missing values are the last bin. */
export interface FeatureBins {
  reference: number[];
  current: number[];
  referenceCount: number;
  currentCount: number;
}

/** Lines the counters of a window up with the bins of the reference. */
export function featureBins(profile: FeatureProfile, window: WindowCounts): FeatureBins {
  const missing = window.missing.get(profile.name) ?? 0;
  const [reference, current] = profile.kind === 'numeric' ? numericBins(profile, window) : categoricalBins(profile, window);
  if (profile.missing > 0 || missing > 0) {
    reference.push(profile.missing);
    current.push(missing);
  }
  return { reference, current, referenceCount: sumOf(reference), currentCount: sumOf(current) };
}

function numericBins(profile: Extract<FeatureProfile, { kind: 'numeric' }>, window: WindowCounts): [number[], number[]] {
  const sketch = window.numeric.get(profile.name) ?? new LogSketch();
  return [[...profile.counts], sketch.countIntoBins(profile.edges)];
}

function categoricalBins(profile: Extract<FeatureProfile, { kind: 'categorical' }>, window: WindowCounts): [number[], number[]] {
  const categories = window.categorical.get(profile.name);
  const left = new Map(categories?.counts);
  const reference: number[] = [];
  const current: number[] = [];
  for (const { value, count } of profile.categories) {
    reference.push(count);
    current.push(left.get(value) ?? 0);
    left.delete(value);
  }
  for (const count of left.values()) {
    reference.push(0);
    current.push(count);
  }
  if (categories?.other) {
    reference.push(0);
    current.push(categories.other);
  }
  return [reference, current];
}
