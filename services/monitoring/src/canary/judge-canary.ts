import { type Moments, welchTest } from '@bascule/stats';
import type { MonitoringPolicy } from '../policies/policy.js';

/** What one version answered within a rollout step. */
export interface SideEvidence {
  predictions: number;
  /** Answers that were no usable probability. */
  invalid: number;
  scores: Moments;
  /** Log loss of the labelled predictions. */
  loss: Moments;
}

export interface CanaryEvidence {
  canary: SideEvidence;
  champion: SideEvidence;
  /** Where the champion's labelled predictions are from, in words. */
  championSource: string;
  /** Number of the last look at which harm was tested; 0 before the first. */
  lastLook: number;
}

export interface CanaryVerdict {
  verdict: 'pass' | 'fail' | 'insufficient-data';
  reasons: string[];
  evidence: Record<string, number>;
  /** Look spent by this judgement; the last look when none was. */
  look: number;
}

/** The settings, with a number of labels that was settled on. */
export type LabelPolicy = MonitoringPolicy['canary'] & { minLabelled: number };

/** A score that never moves tells nothing apart: below this standard deviation it counts as constant. */
const constantBelow = 1e-6;
/** A handful of answers may well be the same. */
const minConstant = 20;

/**
 * Judges a canary by its evidence. Harm is a mean log loss above the champion's by more than the harmless rise, tested one-sided (Welch) at
 * looks 1, 2, 3, ... (every `lookEvery` labels), where look k may spend alpha * 6 / (pi² k²): the sum over all looks is alpha, so looking
 * often does not fail a harmless canary more often. A pass needs the minimum of labels and no suspicion of harm.
 */
export function judgeCanary(evidence: CanaryEvidence, policy: LabelPolicy): CanaryVerdict {
  const { canary, champion } = evidence;
  const look = Math.floor(canary.loss.count / policy.lookEvery);
  const test = compareLosses(canary.loss, champion.loss, policy.harmlessRise);
  const spent = (policy.alpha * 6) / (Math.PI ** 2 * Math.max(1, look) ** 2);
  const figures: Record<string, number> = {
    canaryPredictions: canary.predictions,
    championPredictions: champion.predictions,
    canaryLabelled: canary.loss.count,
    championLabelled: champion.loss.count,
    canaryInvalid: canary.invalid,
    look,
    alphaOfLook: spent,
    ...(canary.loss.count > 0 ? { canaryLogLoss: canary.loss.mean } : {}),
    ...(champion.loss.count > 0 ? { championLogLoss: champion.loss.mean } : {}),
    ...(test.degreesOfFreedom > 0 ? { logLossRise: canary.loss.mean - champion.loss.mean, pValue: test.pGreater } : {}),
  };
  const answer = (verdict: CanaryVerdict['verdict'], reasons: string[], used = evidence.lastLook): CanaryVerdict => ({
    verdict,
    reasons,
    evidence: figures,
    look: used,
  });

  const unusable = findUnusable(canary, champion, policy);
  if (unusable) return answer('fail', [unusable]);
  const compared = `mean log loss ${canary.loss.mean.toFixed(3)} on ${canary.loss.count} labelled canary predictions against ${champion.loss.mean.toFixed(3)} on ${champion.loss.count} of the champion (${evidence.championSource})`;
  const isNewLook = look > evidence.lastLook && test.degreesOfFreedom > 0;
  if (isNewLook && test.pGreater < spent) {
    return answer(
      'fail',
      [compared, `harm: one-sided p ${small(test.pGreater)} is below ${small(spent)}, the share of alpha for look ${look}`],
      look,
    );
  }
  const used = isNewLook ? look : evidence.lastLook;
  const missing = [
    ...(canary.loss.count < policy.minLabelled ? [`${canary.loss.count} of ${policy.minLabelled} labelled canary predictions`] : []),
    ...(champion.loss.count < policy.minLabelled ? [`${champion.loss.count} of ${policy.minLabelled} labelled champion predictions`] : []),
  ];
  if (missing.length > 0) return answer('insufficient-data', [`so far ${missing.join(' and ')}`], used);
  if (test.pGreater < policy.suspicion) {
    return answer(
      'insufficient-data',
      [compared, `harm is suspected (one-sided p ${small(test.pGreater)}), not shown: more labels are needed`],
      used,
    );
  }
  return answer('pass', [compared, `no evidence of harm: one-sided p ${small(test.pGreater)}`], used);
}

/** Up to so many losses, most of them small, may well lack the few large ones, and look calmer than they are. */
const smallSample = 100;

/** Welch's test, one-sided; a small sample is taken to vary as much as the other one. */
function compareLosses(canary: Moments, champion: Moments, harmlessRise: number): ReturnType<typeof welchTest> {
  const spread = Math.max(...[canary, champion].map(({ squares, count }) => squares / Math.max(1, count)));
  const widened = (loss: Moments): Moments => (loss.count < smallSample ? { ...loss, squares: spread * loss.count } : loss);
  return welchTest({ ...widened(canary), mean: canary.mean - harmlessRise }, widened(champion));
}

function findUnusable(canary: SideEvidence, champion: SideEvidence, policy: LabelPolicy): string | undefined {
  const share = canary.invalid / Math.max(1, canary.predictions);
  if (canary.invalid >= 2 && share > policy.maxInvalidShare && share > 2 * (champion.invalid / Math.max(1, champion.predictions))) {
    return `${canary.invalid} of ${canary.predictions} canary answers are no usable probability`;
  }
  const enough = Math.max(minConstant, policy.minLabelled);
  const isConstant = ({ scores }: SideEvidence) => scores.count >= enough && Math.sqrt(scores.squares / scores.count) < constantBelow;
  if (isConstant(canary) && champion.scores.count >= enough && !isConstant(champion)) {
    return `all ${canary.scores.count} canary answers are ${canary.scores.mean.toFixed(3)}, the champion's are not all the same`;
  }
  return undefined;
}

function small(p: number): string {
  return p < 0.001 ? p.toExponential(1) : p.toFixed(3);
}
