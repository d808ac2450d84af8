import { binomialTail, psiExcess, stratifiedLarger, stratifiedMoreFrequent, sumOf } from '@bascule/stats';
import type { MonitoringPolicy } from '../policies/policy.js';
import type { ArmMeasure, Finding, RolloutEvidence } from './canary-evidence.js';
import { nothingYet, takeLook } from './metric-look.js';

type CanaryPolicy = MonitoringPolicy['canary'];

/** Failures in a row of tests that no good version has: looked at each time, so they need a chance of their own. */
const criticalChance = 1e-6;
const minCriticalFailures = 10;
const minLatencies = 50;
const minOutputs = 100;
/** Not every request has an answer: the sharpest look at answers comes a little before that at requests. */
const answeredPart = 0.9;
const binGrowth = Math.log(1.1);

/** Requests that failed, the canary's against the champion's of the same steps. */
export function judgeErrors({ measures, looks }: RolloutEvidence, policy: CanaryPolicy): Finding {
  const [canary, champion] = totals(measures);
  const figures = {
    canaryRequests: canary.trials,
    canaryFailed: canary.events,
    championRequests: champion.trials,
    championFailed: champion.events,
  };
  if (canary.trials === 0) return nothingYet('errors', figures);
  const compared = `${canary.events} of ${canary.trials} canary requests failed, ${champion.events} of ${champion.trials} of the champion's`;
  const isCritical =
    canary.events >= minCriticalFailures &&
    canary.events / canary.trials >= policy.criticalErrorRate &&
    binomialTail(canary.events, canary.trials, Math.max(0.01, (2 * champion.events) / Math.max(1, champion.trials))) < criticalChance;
  if (isCritical) {
    const reason = `critical: ${compared}; ${Math.round(policy.criticalErrorRate * 100)} % or more fail at once`;
    return { metric: 'errors', status: 'harm', reason, figures };
  }
  const pValue = stratifiedMoreFrequent(measures.map(({ canary: a, champion: b }) => ({ a: rateOf(a), b: rateOf(b) })));
  return takeLook({ metric: 'errors', evidence: canary.trials, planned: policy.plannedRequests, pValue, compared, figures }, looks, policy);
}

/** How long answers took: the canary may take longer by a part, and by a few milliseconds. */
export function judgeLatency({ measures, looks }: RolloutEvidence, policy: CanaryPolicy): Finding {
  // copies that a champion answers behind everything live are counted without a latency
  const usable = measures.filter(({ canary, champion }) => sumOf(canary.latency) > 0 && sumOf(champion.latency) > 0);
  const canary = quantilesOf(usable.map((step) => step.canary));
  const champion = quantilesOf(usable.map((step) => step.champion));
  if (!canary || !champion) return nothingYet('latency');
  const figures = {
    canaryLatencyMedianMs: canary.medianMs,
    canaryLatencyP95Ms: canary.p95Ms,
    championLatencyMedianMs: champion.medianMs,
    championLatencyP95Ms: champion.p95Ms,
  };
  if (canary.count < minLatencies || champion.count < minLatencies) return nothingYet('latency', figures);
  const compared = `answers took ${canary.medianMs.toFixed(1)} ms (95 %: ${canary.p95Ms.toFixed(1)} ms), the champion's ${champion.medianMs.toFixed(1)} ms (${champion.p95Ms.toFixed(1)} ms)`;
  const isHarmless = canary.medianMs - champion.medianMs <= policy.harmlessLatencyMs;
  const shift = Math.ceil(Math.log1p(policy.maxLatencyRise) / binGrowth);
  const strata = usable.map((step) => ({ a: step.canary.latency, b: step.champion.latency }));
  const pValue = isHarmless ? 1 : stratifiedLarger(strata, shift);
  return takeLook(
    { metric: 'latency', evidence: canary.count, planned: answeredPart * policy.plannedRequests, pValue, compared, figures },
    looks,
    policy,
  );
}

/** How answers are distributed: further from the champion's of the same steps than the tolerated PSI. */
export function judgeOutputs({ outputs, looks }: RolloutEvidence, policy: CanaryPolicy): Finding {
  const strata = outputs.filter(({ a, b }) => sumOf(a) > 0 && sumOf(b) > 0);
  const count = strata.reduce((sum, { a }) => sum + sumOf(a), 0);
  if (count < minOutputs) return nothingYet('outputs', { canaryOutputs: count });
  const bins = strata[0]!.a.length;
  const current = new Array<number>(bins).fill(0);
  const reference = new Array<number>(bins).fill(0);
  let uncertainty = 0;
  for (const { a, b } of strata) {
    // the champion's answers weigh as the canary's do in that step: steps may differ in what was asked
    const [n, m] = [sumOf(a), sumOf(b)];
    for (let bin = 0; bin < bins; bin++) {
      current[bin]! += a[bin]!;
      reference[bin]! += (b[bin]! / m) * n;
    }
    uncertainty += (n / count) ** 2 / m;
  }
  const excess = psiExcess(current, reference, policy.maxOutputPsi, 1 / uncertainty);
  const figures = {
    canaryOutputs: count,
    championOutputs: excess.referenceCount,
    outputPsi: excess.psi,
    outputPsiTolerance: policy.maxOutputPsi,
  };
  if (excess.referenceCount < minOutputs) return nothingYet('outputs', figures);
  const compared = `PSI ${excess.psi.toFixed(3)} between ${count} canary outputs and the champion's, ${policy.maxOutputPsi} is tolerated`;
  const { pValue } = excess;
  return takeLook(
    { metric: 'outputs', evidence: count, planned: answeredPart * policy.plannedRequests, pValue, compared, figures },
    looks,
    policy,
  );
}

/** Rows that a shadow answered differently. */
export function judgeDisagreement({ disagreement, looks }: RolloutEvidence, policy: CanaryPolicy): Finding {
  const { rows, disagreeing, meanDifference } = disagreement;
  if (rows === 0) return nothingYet('disagreement');
  const figures = { comparedRows: rows, disagreeingRows: disagreeing, meanOutputDifference: meanDifference };
  if (policy.maxDisagreement === null) return nothingYet('disagreement', figures);
  const pValue = binomialTail(disagreeing, rows, policy.maxDisagreement);
  const compared = `${disagreeing} of ${rows} copies were answered differently, a share of ${policy.maxDisagreement} is tolerated`;
  return takeLook(
    { metric: 'disagreement', evidence: rows, planned: answeredPart * policy.plannedRequests, pValue, compared, figures },
    looks,
    policy,
  );
}

function rateOf({ answered, failed }: ArmMeasure) {
  return { events: failed, trials: answered + failed };
}

function totals(measures: RolloutEvidence['measures']) {
  const sum = (arms: ArmMeasure[]) =>
    arms.map(rateOf).reduce((all, one) => ({ events: all.events + one.events, trials: all.trials + one.trials }), { events: 0, trials: 0 });
  return [sum(measures.map(({ canary }) => canary)), sum(measures.map(({ champion }) => champion))] as const;
}

/** Median and 95 % of latencies, as the ends of their bins. */
export function quantilesOf(arms: readonly ArmMeasure[]): { count: number; medianMs: number; p95Ms: number } | undefined {
  const counts: number[] = [];
  for (const { latency } of arms) {
    latency.forEach((count, bin) => {
      while (counts.length <= bin) counts.push(0);
      counts[bin]! += count;
    });
  }
  const count = sumOf(counts);
  if (count === 0) return undefined;
  const at = (share: number) => {
    let [bin, seen] = [0, counts[0] ?? 0];
    while (seen < share * count) seen += counts[++bin] ?? 0;
    return (50 * 1.1 ** (bin + 1)) / 1000;
  };
  return { count, medianMs: at(0.5), p95Ms: at(0.95) };
}
