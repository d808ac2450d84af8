import { sumOf } from '@bascule/stats';
import type { MonitoringPolicy } from '../policies/policy.js';
import type { WindowCounts } from '../windows/window-counts.js';
import type { FeatureProfile } from './feature-bins.js';
import { findScaleChange } from './scale-change.js';

export interface FeatureFault {
  fault: 'scale-changed' | 'missing' | 'constant' | 'unknown-categories';
  factor?: number;
  reasons: string[];
}

/** Chance below which a window full of one value is no coincidence. */
const noCoincidence = 1e-6;

/** Tells a fault of the pipeline (unit, missing, constant, other codes) from a change of the world; undefined when the feature looks whole. */
export function findFault(
  profile: FeatureProfile,
  window: WindowCounts,
  policy: MonitoringPolicy['brokenFeature'],
): FeatureFault | undefined {
  const missing = window.missing.get(profile.name) ?? 0;
  const present = profile.kind === 'numeric' ? (window.numeric.get(profile.name)?.count ?? 0) : categoriesIn(window, profile.name).total;
  if (missing + present < policy.minCount) return undefined;
  const referencePresent =
    profile.kind === 'numeric' ? sumOf(profile.counts) : profile.categories.reduce((sum, { count }) => sum + count, 0);
  const gone = findMissing(profile.missing, referencePresent, missing, present, policy);
  if (gone || present < policy.minCount) return gone;
  if (profile.kind === 'numeric') {
    const sketch = window.numeric.get(profile.name)!;
    const largestBin = Math.max(...profile.counts) / referencePresent;
    if (sketch.distinct === 1 && profile.min !== profile.max) {
      const [value] = sketch.entries()[0]!;
      const constant = findConstant(String(value), largestBin, present);
      if (constant) return constant;
    }
    const change = findScaleChange(profile, sketch, policy);
    return change && { fault: 'scale-changed', ...change };
  }
  const { counts } = categoriesIn(window, profile.name);
  const known = new Map(profile.categories.map(({ value, count }) => [value, count]));
  if (counts.size === 1) {
    const [value] = counts.keys();
    const constant = findConstant(quoted(value!), (known.get(value!) ?? 0) / referencePresent, present);
    if (constant) return constant;
  }
  return findUnknown(known, counts, present, policy);
}

function categoriesIn(window: WindowCounts, feature: string): { counts: Map<string, number>; total: number } {
  const categories = window.categorical.get(feature);
  const counts = categories?.counts ?? new Map<string, number>();
  return { counts, total: sumOf([...counts.values()]) + (categories?.other ?? 0) };
}

function findMissing(
  referenceMissing: number,
  referencePresent: number,
  missing: number,
  present: number,
  policy: MonitoringPolicy['brokenFeature'],
): FeatureFault | undefined {
  const before = referenceMissing / Math.max(1, referenceMissing + referencePresent);
  const now = missing / (missing + present);
  // 4.5 standard errors: a jump that chance does not make, however small the window
  const error = Math.sqrt((Math.max(before, 0.01) * (1 - before)) / (missing + present));
  if (now - before < policy.missingJump || now - before < 4.5 * error) return undefined;
  return {
    fault: 'missing',
    reasons: [`${percent(now)} of ${missing + present} values are missing; in the reference ${percent(before)} were`],
  };
}

function findConstant(value: string, referenceShare: number, present: number): FeatureFault | undefined {
  if (referenceShare ** present > noCoincidence) return undefined;
  return { fault: 'constant', reasons: [`all ${present} values are ${value}; in the reference ${percent(referenceShare)} were`] };
}

function findUnknown(
  known: ReadonlyMap<string, number>,
  counts: ReadonlyMap<string, number>,
  present: number,
  policy: MonitoringPolicy['brokenFeature'],
): FeatureFault | undefined {
  const unknown = [...counts].filter(([category]) => !known.has(category)).sort((a, b) => b[1] - a[1]);
  const share = unknown.reduce((sum, [, count]) => sum + count, 0) / present;
  if (share < policy.unknownShare) return undefined;
  const examples = unknown.slice(0, 3).map(([category]) => quoted(category));
  return {
    fault: 'unknown-categories',
    reasons: [`${percent(share)} of ${present} values are categories the reference never saw, for example ${examples.join(', ')}`],
  };
}

// clients send any text: escaped, because PostgreSQL takes neither NUL nor half of a surrogate pair
function quoted(category: string): string {
  return JSON.stringify(category.slice(0, 40));
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
}
