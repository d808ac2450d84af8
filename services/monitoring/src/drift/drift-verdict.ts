import type { FeatureDrift } from '@bascule/contracts';
import { psi, psiNoise } from '@bascule/stats';
import type { MonitoringPolicy } from '../policies/policy.js';
import type { FeatureBins } from './feature-bins.js';

export interface DriftVerdict extends FeatureDrift {
  verdict: 'drifted' | 'stable' | 'insufficient-data';
  /** This window alone is beyond what sampling explains. */
  exceeds: boolean;
}

/**
 * Decides whether a feature drifted: its PSI must exceed what sampling gives on average by a set amount,
 * and must lie beyond what sampling gives in 99.9 % of windows of these sizes.
 */
export function decideDrift(feature: string, bins: FeatureBins, policy: MonitoringPolicy['drift']): DriftVerdict {
  const { referenceCount, currentCount } = bins;
  const counts = { feature, method: 'psi', currentCount, referenceCount };
  if (Math.min(currentCount, referenceCount) < policy.minCount) {
    const reasons = [`${currentCount} current and ${referenceCount} reference values: at least ${policy.minCount} of each are needed`];
    return { ...counts, verdict: 'insufficient-data', exceeds: false, score: 0, expectedNoise: 0, threshold: 0, reasons };
  }
  const score = psi(bins.reference, bins.current);
  const noise = psiNoise(bins.reference, bins.current);
  const threshold = Math.max(noise.mean + policy.minExcess, noise.quantile999);
  const hasDrifted = score - noise.mean >= policy.minExcess && score > noise.quantile999;
  const measured = `PSI ${figure(score)} of ${currentCount} values against ${referenceCount}`;
  const expected = `sampling alone gives ${figure(noise.mean)} on average and stays below ${figure(noise.quantile999)} in 99.9 % of such windows`;
  const conclusion = hasDrifted
    ? `${figure(score - noise.mean)} above the noise (limit ${figure(policy.minExcess)})`
    : score <= noise.quantile999
      ? 'within what sampling explains'
      : `${figure(score - noise.mean)} above the noise, less than the limit of ${figure(policy.minExcess)}`;
  return {
    ...counts,
    verdict: hasDrifted ? 'drifted' : 'stable',
    exceeds: hasDrifted,
    score,
    expectedNoise: noise.mean,
    threshold,
    reasons: [`${measured}: ${conclusion}`, expected],
  };
}

/** A window's own verdict in the light of those before it, latest first: fewer in a row than asked for are a passing shift, not drift. */
export function confirmDrift(verdict: DriftVerdict, exceededBefore: readonly boolean[], windowsInRow: number): DriftVerdict {
  if (verdict.verdict !== 'drifted') return verdict;
  const firstQuiet = exceededBefore.indexOf(false);
  const inRow = 1 + (firstQuiet === -1 ? exceededBefore.length : firstQuiet);
  if (inRow >= windowsInRow) return verdict;
  return {
    ...verdict,
    verdict: 'stable',
    reasons: [...verdict.reasons, `window ${inRow} in a row beyond the noise: drift is called after ${windowsInRow}`],
  };
}

function figure(value: number): string {
  return value.toFixed(Math.abs(value) < 0.1 ? 3 : 2);
}
