import { quantileOf, type Recent, slowerThan } from './recent-answers.js';
import { isSlowForOthers, type SlowBy } from './slow-keys.js';

export interface Trip {
  readonly cause: 'error-burst' | 'latency-burst';
  readonly reasons: readonly string[];
}

/** Beyond so small a chance it is no accident: looked at after every failure, over thousands of rollouts. */
const chance = 1e-6;
const minFailures = 5;
/** Failures have to be so much more frequent than at the champion. */
const minExcess = 0.1;
const minAnswers = 20;
const slowShare = 0.3;
/** Slow is what takes so many times as long as nineteen in twenty of the champion's answers, and so much longer. */
const slowNow = { factor: 4, marginUs: 50_000 };
/** A champion that answered earlier had a machine that may have had less to do: only what is beyond all measure counts. */
const slowSince = { factor: 20, marginUs: 1_000_000 };

/**
 * Must the version be cut off at once? By what both versions answered in the same last seconds: failures, or slow answers,
 * that are far more frequent than at the champion and that chance does not explain (Fisher's exact test, one-sided). Slow answers of
 * one client alone, or to inputs of a size that the champion has not had, say nothing.
 * @param isSameTime false when the champion has nothing to do any more, and what it did before is all there is
 */
export function decideTrip(version: Recent, champion: Recent, isSameTime = true): Trip | undefined {
  return errorBurst(version, champion) ?? latencyBurst(version, champion, isSameTime ? slowNow : slowSince);
}

function errorBurst(version: Recent, champion: Recent): Trip | undefined {
  const asked = version.answered + version.failed;
  const usual = champion.answered + champion.failed;
  const share = version.failed / Math.max(1, asked);
  const usualShare = champion.failed / Math.max(1, usual);
  if (version.failed < minFailures || share - usualShare < minExcess) return undefined;
  const p = moreFrequent([version.failed, asked], [champion.failed, usual]);
  if (p >= chance) return undefined;
  return {
    cause: 'error-burst',
    reasons: [
      `${version.failed} of ${asked} requests failed in the last seconds, of the champion's ${champion.failed} of ${usual} (p ${p.toExponential(1)})`,
    ],
  };
}

function latencyBurst(version: Recent, champion: Recent, by: SlowBy): Trip | undefined {
  const usual = quantileOf(champion, 0.95);
  if (usual === undefined || version.answered < minAnswers || champion.answered < minAnswers) return undefined;
  const slowUs = Math.max(usual * by.factor, usual + by.marginUs);
  const slow = slowerThan(version, slowUs);
  if (slow < slowShare * version.answered) return undefined;
  const p = moreFrequent([slow, version.answered], [slowerThan(champion, slowUs), champion.answered]);
  if (p >= chance || !isSlowForOthers(version, champion, by, slowShare)) return undefined;
  return {
    cause: 'latency-burst',
    reasons: [
      `${slow} of ${version.answered} answers took longer than ${Math.round(slowUs / 1000)} ms in the last seconds; 95 % of the champion's took less than ${Math.round(usual / 1000)} ms (p ${p.toExponential(1)})`,
    ],
  };
}

/** One-sided Fisher: the chance of so many or more of the first kind among the first, given how many there are in all. */
export function moreFrequent([a, n]: readonly [number, number], [b, m]: readonly [number, number]): number {
  const events = a + b;
  // the champion may have had nothing to do: then its failures are taken to be as rare as one in a hundred
  if (m === 0) return atLeast(a, n, 0.01);
  let p = 0;
  const most = Math.min(events, n);
  const constant = logChoose(n + m, events);
  for (let x = a; x <= most; x++) p += Math.exp(logChoose(n, x) + logChoose(m, events - x) - constant);
  return Math.min(1, p);
}

/** The chance of `least` or more successes of so many trials. */
function atLeast(least: number, trials: number, probability: number): number {
  let p = 0;
  for (let x = least; x <= trials; x++)
    p += Math.exp(logChoose(trials, x) + x * Math.log(probability) + (trials - x) * Math.log1p(-probability));
  return Math.min(1, p);
}

const logFactorials = [0];

function logFactorial(n: number): number {
  // a window holds some thousands of answers; beyond that Stirling is exact to nine digits
  if (n > 10_000) return n * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI * n) + 1 / (12 * n);
  for (let i = logFactorials.length; i <= n; i++) logFactorials.push(logFactorials[i - 1]! + Math.log(i));
  return logFactorials[n]!;
}

function logChoose(n: number, k: number): number {
  return k < 0 || k > n ? Number.NEGATIVE_INFINITY : logFactorial(n) - logFactorial(k) - logFactorial(n - k);
}
