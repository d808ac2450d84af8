import type { NumericProfile } from '@bascule/contracts';
import { binOf, type LogSketch, psi, psiNoise } from '@bascule/stats';
import type { MonitoringPolicy } from '../policies/policy.js';
import { unitChangesNear } from './unit-factors.js';

/** Part of the PSI that the time of year explains on top of sampling. */
const unevenness = 0.1;
const probabilities = [0.05, 0.25, 0.5, 0.75, 0.95];

/** Reasons to believe that every value was multiplied by one factor; undefined when they were not. */
export function findScaleChange(
  profile: NumericProfile,
  current: LogSketch,
  policy: MonitoringPolicy['brokenFeature'],
): { factor: number; reasons: string[] } | undefined {
  if (profile.quantiles.length !== probabilities.length) return undefined;
  const ratios = current.quantiles(probabilities).map((value, i) => ratioOf(value, profile.quantiles[i]!));
  const central = ratios.slice(1, 4).filter((ratio) => ratio !== undefined);
  if (central.length < 3) return undefined;
  const [, middle] = central.toSorted((a, b) => a - b) as [number, number, number];
  if (Math.abs(Math.log(middle)) < Math.log(1 + policy.scaleBeyond)) return undefined;
  // quantiles of a small window are noisy, the outer two most
  const room = Math.max(policy.scaleAgreement, 1 / Math.sqrt(current.count));
  const agrees = (ratio: number | undefined, i: number) =>
    ratio === undefined || Math.abs(ratio / middle - 1) <= room * (i === 0 || i === 4 ? 2.5 : 1);
  if (!ratios.every(agrees)) return undefined;

  const before = current.countIntoBins(profile.edges);
  const beforeScore = psi(profile.counts, before);
  if (beforeScore <= psiNoise(profile.counts, before).quantile999) return undefined;
  // a known change of unit that fits is a better explanation than the factor as measured
  const best =
    firstFit(profile, current, middle, unitChangesNear(middle, room)) ?? firstFit(profile, current, middle, [{ factor: middle, name: '' }]);
  // a shape that still differs after rescaling moved for another reason than its unit
  if (!best || best.score > beforeScore / 2) return undefined;
  const found = ratios.map((ratio) => ratio?.toFixed(2) ?? '-').join(', ');
  return {
    factor: best.factor,
    reasons: [
      `${current.count} values are about ${best.factor.toFixed(2)} times the reference: their 5, 25, 50, 75 and 95 % quantiles are ${found} times those of the reference`,
      `divided by ${best.factor.toFixed(3)} they fit the reference (PSI ${best.score.toFixed(2)}, before ${beforeScore.toFixed(2)})`,
      ...(best.name ? [`${best.factor.toFixed(2)} is the factor of ${best.name}`] : []),
    ],
  };
}

/** The likeliest change after which the values differ from the reference no more than sampling explains. */
function firstFit(profile: NumericProfile, current: LogSketch, middle: number, changes: readonly { factor: number; name: string }[]) {
  const unlikeliness = ({ factor }: { factor: number }) => Math.abs(Math.log(factor / middle)) - shareOfFamiliar(profile, current, factor);
  for (const change of changes.toSorted((a, b) => unlikeliness(a) - unlikeliness(b))) {
    const counts = countsAfter(profile, current, change.factor);
    const score = psi(profile.counts, counts);
    if (score <= psiNoise(profile.counts, counts).quantile999 + unevenness) return { ...change, score };
  }
  return undefined;
}

/** Share of the values that become values the reference is known to hold: people write round numbers, and only the right factor brings them back. */
function shareOfFamiliar(profile: NumericProfile, current: LogSketch, factor: number): number {
  const familiar = [...new Set([...profile.edges, ...profile.quantiles])];
  let found = 0;
  for (const [value, count] of current.entries()) {
    if (familiar.some((known) => Math.abs(value / factor / known - 1) < 0.004)) found += count;
  }
  return found / current.count;
}

function ratioOf(current: number, reference: number): number | undefined {
  const ratio = current / reference;
  return Number.isFinite(ratio) && ratio > 0 ? ratio : undefined;
}

function countsAfter(profile: NumericProfile, current: LogSketch, factor: number): number[] {
  const counts = new Array<number>(profile.edges.length + 1).fill(0);
  // the nudge keeps a value that was on an edge on its upper side although the conversion rounded it
  for (const [value, count] of current.entries()) counts[binOf((value / factor) * 1.004, profile.edges)]! += count;
  return counts;
}
