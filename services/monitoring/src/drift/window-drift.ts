import type { NumericProfile, ReferenceProfile } from '@bascule/contracts';
import type { MonitoringPolicy } from '../policies/policy.js';
import type { CalendarWindow } from '../windows/window.js';
import { WindowCounts } from '../windows/window-counts.js';
import type { EarlierVerdict, KnownFault, StoredVerdict } from './drift.queries.js';
import { confirmDrift, decideDrift } from './drift-verdict.js';
import { featureBins } from './feature-bins.js';
import { outsideContract } from './outside-contract.js';

/** The name under which the distribution of the answers is reported; reported only, since features explain it. */
export const answers = '(prediction)';

export interface WindowEvidence {
  window: CalendarWindow;
  months: readonly { month: string; counts: WindowCounts }[];
  faults: readonly KnownFault[];
  /** Latest first. */
  earlier: readonly EarlierVerdict[];
}

/** Judges every feature of a window. A feature that was broken in one of its months is judged on the other months, and not at all when there are none. */
export function judgeWindow(profile: ReferenceProfile, evidence: WindowEvidence, policy: MonitoringPolicy['drift']): StoredVerdict[] {
  const counts = new WindowCounts();
  for (const { month, counts: ofMonth } of evidence.months) {
    const broken = new Set(evidence.faults.filter((fault) => fault.month === month).map(({ feature }) => feature));
    counts.merge(ofMonth, { without: broken });
  }
  const windowsInRow = evidence.window.grain === 'month' ? policy.monthsInRow : 1;
  const verdicts = profile.features.map((feature): StoredVerdict => {
    const faults = evidence.faults.filter((fault) => fault.feature === feature.name);
    if (faults.length > 0 && faults.length === evidence.months.length) return brokenVerdict(feature.name, faults[0]!);
    const before = evidence.earlier
      .filter((verdict) => verdict.feature === feature.name && verdict.window_from < evidence.window.from)
      .map(({ exceeds }) => exceeds);
    const verdict = confirmDrift(decideDrift(feature.name, featureBins(feature, counts), policy), before, windowsInRow);
    const leftOut = faults.map(({ month, fault }) => `${month.slice(0, 7)} is left out: ${fault}`);
    return { ...verdict, reasons: [...verdict.reasons, ...leftOut, ...outsideContract(feature, counts)] };
  });
  return [...verdicts, judgeAnswers(profile.prediction, counts, policy)];
}

function judgeAnswers(reference: NumericProfile, counts: WindowCounts, policy: MonitoringPolicy['drift']): StoredVerdict {
  const alone = new WindowCounts();
  alone.numeric.set(answers, counts.scores);
  if (counts.invalid > 0) alone.missing.set(answers, counts.invalid);
  return decideDrift(answers, featureBins({ ...reference, name: answers }, alone), policy);
}

function brokenVerdict(feature: string, { fault, reasons }: KnownFault): StoredVerdict {
  const nothing = { method: 'psi', score: 0, expectedNoise: 0, threshold: 0, currentCount: 0, referenceCount: 0 };
  return { feature, ...nothing, verdict: 'broken', exceeds: false, reasons: [`broken (${fault}), so not judged for drift`, ...reasons] };
}

export interface DriftChange {
  /** Set when the set of drifted features of this window is new. */
  detected: StoredVerdict[];
  /** Features that had drifted and are within the threshold again. */
  cleared: string[];
}

/** What is news about a window: compared with its own earlier verdict, or with the windows before it. */
export function changeOf(verdicts: readonly StoredVerdict[], earlier: readonly EarlierVerdict[], window: CalendarWindow): DriftChange {
  const features = verdicts.filter(({ feature }) => feature !== answers);
  const drifted = features.filter(({ verdict }) => verdict === 'drifted');
  const same = earlier.filter((verdict) => verdict.window_from.getTime() === window.from.getTime());
  const driftedThen = new Set(same.filter(({ verdict }) => verdict === 'drifted').map(({ feature }) => feature));
  const isNews = drifted.length !== driftedThen.size || drifted.some(({ feature }) => !driftedThen.has(feature));
  const latestOf = (feature: string) => earlier.find((verdict) => verdict.feature === feature)?.verdict;
  return {
    detected: isNews ? drifted : [],
    cleared: features
      .filter(({ feature, verdict }) => verdict === 'stable' && latestOf(feature) === 'drifted')
      .map(({ feature }) => feature),
  };
}
