import type { MonitoringPolicy } from '../policies/policy.js';
import { awaitedLabels, catchUpSeconds, stepSeconds } from './awaited-labels.js';
import type { Finding, Looks, RolloutEvidence } from './canary-evidence.js';
import { type CanaryVerdict, judgeCanary } from './judge-canary.js';
import { judgeAbTest, judgeBusiness, judgeCalibration } from './judge-declared.js';
import { judgeDisagreement, judgeErrors, judgeLatency, judgeOutputs } from './judge-traffic.js';
import { alphaShares } from './metric-look.js';
import { phaseOf } from './phase.js';

type CanaryPolicy = MonitoringPolicy['canary'];

export interface RolloutVerdict {
  /** `no-winner`: an A/B test is over, and neither version is better. */
  readonly verdict: 'pass' | 'fail' | 'insufficient-data' | 'no-winner';
  readonly reasons: string[];
  /** A failure because the version does worse, not because evidence stayed short. */
  readonly isHarm: boolean;
  readonly evidence: Record<string, number>;
  /** What each metric says, those with nothing to say as well. */
  readonly findings: readonly Finding[];
  /** Looks spent so far, those of this judgement included. */
  readonly looks: Looks;
  /** Look at labelled answers in this step. */
  readonly labelledLook: number;
}

const abVerdicts = { better: 'pass', worse: 'fail', 'no-uplift': 'no-winner' } as const;
const judges = [judgeErrors, judgeLatency, judgeOutputs, judgeDisagreement, judgeCalibration, judgeBusiness] as const;

/**
 * Judges one step of a rollout by everything known. Each metric has its own part of the chance that a good version is taken
 * back; one that shows harm is enough. A pass needs the declared evidence and no suspicion; what stays short of evidence
 * for too long counts as the strategy, or the policy, says.
 */
export function judgeRollout(evidence: RolloutEvidence, policy: CanaryPolicy): RolloutVerdict {
  // each step may pass or fail by its own labels, so the later ones have ever smaller parts
  const labelAlpha = (policy.alpha * alphaShares.performance * 6) / (Math.PI * (evidence.step + 1)) ** 2;
  const { minLabelled, without } = awaitedLabels(evidence, policy);
  const byLabels = judgeCanary(evidence.labelled, { ...policy, alpha: labelAlpha, minLabelled });
  const findings = judges.map((judge) => judge(evidence, policy));
  const looks = { ...evidence.looks };
  for (const { metric, look } of findings) if (look !== undefined) looks[metric] = look;
  const figures = Object.assign({}, byLabels.evidence, ...findings.map((finding) => finding.figures)) as Record<string, number>;
  const answer = (verdict: RolloutVerdict['verdict'], reasons: string[], more: Readonly<Record<string, number>> = {}): RolloutVerdict => ({
    findings: [...findings, labelsFinding(byLabels, without)],
    verdict,
    reasons,
    evidence: finite({ ...figures, ...more }),
    looks,
    isHarm: false,
    labelledLook: byLabels.look,
  });

  const saying = (status: 'harm' | 'suspected' | 'fine') => findings.filter((one) => one.status === status).map(({ reason }) => reason);
  const harms = [...(byLabels.verdict === 'fail' ? byLabels.reasons : []), ...saying('harm')];
  const { strategy, declared } = evidence;
  if (harms.length === 0 && strategy.kind === 'ab-test' && strategy.test && declared) {
    const { outcome, reason, figures: more } = judgeAbTest(declared, strategy.test);
    if (outcome === 'open') return overdue(evidence, policy, [reason], (verdict, reasons) => answer(verdict, reasons, more));
    return { ...answer(abVerdicts[outcome], [reason], more), isHarm: outcome === 'worse' };
  }
  const open = [
    ...(byLabels.verdict === 'insufficient-data' ? byLabels.reasons : []),
    ...missingOf(evidence, policy),
    ...saying('suspected'),
  ];
  const phase = phaseOf(
    () => open.length === 0,
    () => harms.length > 0,
  );
  if (phase === 'failed') return { ...answer('fail', harms), isHarm: true };
  if (phase === 'successful') {
    const fine = [...(without ? [without] : []), ...(evidence.labelled.canary.loss.count > 0 ? byLabels.reasons : []), ...saying('fine')];
    return answer('pass', fine.length > (without ? 1 : 0) ? fine : [...fine, 'nothing speaks against it']);
  }
  return overdue(evidence, policy, open, answer);
}

const labelStatus = { pass: 'fine', fail: 'harm', 'insufficient-data': 'waiting' } as const;

function labelsFinding({ verdict, reasons, evidence }: CanaryVerdict, without: string | undefined): Finding {
  const isOff = verdict === 'pass' && evidence['canaryLabelled'] === 0;
  return {
    metric: 'labels',
    status: isOff ? 'off' : labelStatus[verdict],
    reason: [...(without ? [without] : []), ...(isOff ? [] : reasons)].join('; '),
    figures: finite(evidence),
  };
}

/** The verdict of a step after a judgement. A pass has been acted on: only harm takes it back. */
export function standingVerdict(
  before: RolloutVerdict['verdict'] | null,
  { verdict, isHarm }: Pick<RolloutVerdict, 'verdict' | 'isHarm'>,
): RolloutVerdict['verdict'] {
  return before === 'pass' && !isHarm ? 'pass' : verdict;
}

function missingOf({ labelled, strategy, measures, step }: RolloutEvidence, policy: CanaryPolicy): string[] {
  const least = strategy.minRequests ?? policy.minPredictions;
  const counted = measures.find((measure) => measure.step === step)?.canary;
  const asked = counted ? counted.answered + counted.failed : 0;
  // what the figures show is what has to be enough: a request of many rows is one, and captured rows may come before the counts
  const requests = asked > 0 ? asked : labelled.canary.predictions;
  return requests < least ? [`so far ${requests} of ${least} requests to the version in this step`] : [];
}

const inWords = { fail: 'a failure', pass: 'a pass', 'no-winner': 'no winner' } as const;

function overdue(
  evidence: RolloutEvidence,
  policy: CanaryPolicy,
  reasons: string[],
  answer: (verdict: RolloutVerdict['verdict'], reasons: string[]) => RolloutVerdict,
): RolloutVerdict {
  const { secondsInStep, secondsWatched, strategy } = evidence;
  const isTest = strategy.kind === 'ab-test';
  const afterSeconds = stepSeconds(evidence, policy);
  const isOverdue = secondsInStep >= afterSeconds && secondsWatched >= Math.min(afterSeconds, catchUpSeconds);
  if (!isOverdue) return answer('insufficient-data', reasons);
  // a test that nobody took part in says nothing against the version
  const counts = strategy.onInsufficient ?? (isTest ? 'no-winner' : policy.onInsufficient);
  return answer(counts, [`evidence was short for ${afterSeconds} s, which counts as ${inWords[counts]}`, ...reasons]);
}

function finite(figures: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(figures).filter(([, value]) => Number.isFinite(value)));
}
