import { type ApprovalRequirement, type GateResult, isSameIdentity, missingApprovals, type RolloutStrategy } from '@bascule/contracts';
import { allPass, failures } from './gates.js';

export interface PromotionEvidence {
  readonly requestedBy: string;
  /** Who said yes, with the roles they held. */
  readonly yeses: readonly { readonly by: string; readonly roles: readonly string[] }[];
  /** Who has to. */
  readonly approvals: readonly ApprovalRequirement[];
  /** Who has to by the policy of now; as it was asked for when absent. */
  readonly approvalsNow?: readonly ApprovalRequirement[];
  /** As they answered when it was asked for. */
  readonly gates: readonly GateResult[];
  /** As they answer now; absent while it has to wait anyway. */
  readonly gatesNow?: readonly GateResult[];
  /** It answers there already. */
  readonly isChampionNow?: boolean;
  /** There was no champion when it was asked for, and is one now. */
  readonly hasFirstChampion?: boolean;
  readonly override: { readonly by: string } | null;
  readonly isArchived: boolean;
  /** What verifying the artifact found now, after the approval. */
  readonly artifactFaults: readonly string[];
  /** Why nothing goes up now, by the freeze switch or the policy of the model; undefined when it may. */
  readonly waitsFor?: string | undefined;
}

export interface PromotionDecision {
  readonly outcome: 'approve' | 'wait' | 'refuse';
  readonly reasons: string[];
}

/**
 * May an approved request become a rollout, by what is known now? Refuses what can not go ahead; waits only while the loop is frozen, or the
 * model by its policy. An override passes over what had failed when it was asked for, since the approvers saw that, and over nothing else.
 */
export function decidePromotion(evidence: PromotionEvidence): PromotionDecision {
  const refusals = refusalsOf(evidence);
  if (refusals.length > 0) return { outcome: 'refuse', reasons: refusals };
  if (evidence.waitsFor !== undefined) return { outcome: 'wait', reasons: [evidence.waitsFor] };
  const failed = failures(evidence.gatesNow ?? evidence.gates).length;
  const gates = failed === 0 ? 'every gate passed' : `gates were overridden: ${failed} ${failed === 1 ? 'reason' : 'reasons'}`;
  const names = evidence.yeses.map(({ by }) => by);
  return {
    outcome: 'approve',
    reasons: [names.length === 0 ? 'the policy asks for no approval' : `approved by ${names.join(', ')}`, gates],
  };
}

/** A strategy as it may be asked for: steps that its kind implies may be left out. */
export type AskedStrategy = Omit<RolloutStrategy, 'steps'> & { steps?: RolloutStrategy['steps'] | undefined };

/** The strategy with its steps: those of its kind when none were asked for. */
export function withSteps(asked: AskedStrategy): RolloutStrategy {
  const isGradual = asked.kind === undefined || asked.kind === 'canary' || asked.kind === 'ab-test';
  return { ...asked, steps: asked.steps ?? (isGradual ? [10, 50, 100] : [100]) };
}

/**
 * Strategy of a rollout. The first version of an environment takes everything at once, because nothing else could answer; so does one that
 * goes back, unless something else was asked for: it has shown what it does, and is not judged against the version that is left.
 */
export function strategyOf(asked: AskedStrategy | undefined, hasChampion: boolean, isGoingBack = false): RolloutStrategy {
  if (!hasChampion) return { steps: [100] };
  if (asked) return withSteps(asked);
  return isGoingBack ? { kind: 'all-at-once', steps: [100] } : { steps: [10, 50, 100] };
}

function refusalsOf(evidence: PromotionEvidence): string[] {
  const { gates, override, isArchived, artifactFaults } = evidence;
  const reasons = voteFaults(evidence);
  if (!allPass(gates) && !override) reasons.push(...failures(gates).map(({ path, message }) => `${path}: ${message}`));
  else reasons.push(...newFailures(evidence));
  if (isArchived) reasons.push('the version was archived in the meantime');
  if (evidence.isChampionNow) reasons.push('it is the champion of the environment already');
  if (evidence.hasFirstChampion) reasons.push('there is a champion now, and the rollout was planned for none: ask again');
  return [...reasons, ...artifactFaults];
}

/** What fails now and did not when it was asked for. */
function newFailures({ gates, gatesNow = [], override }: PromotionEvidence): string[] {
  const passedOver = new Set(override ? failures(gates).map(({ path }) => path) : []);
  return failures(gatesNow)
    .filter(({ path }) => !passedOver.has(path))
    .map(({ path, message }) => `since it was asked for, ${path}: ${message}`);
}

function voteFaults({ requestedBy, yeses, approvals, approvalsNow = [], override }: PromotionEvidence): string[] {
  const reasons: string[] = [];
  for (const { by } of yeses) {
    if (isSameIdentity(by, requestedBy)) reasons.push(`${by} cannot approve their own request`);
    else if (override && isSameIdentity(by, override.by)) reasons.push(`${by} passed over the gates and cannot approve it as well`);
  }
  // governance counts the votes; here nobody has to take its word
  const votes = yeses.map(({ roles }) => ({ roles: [...roles] }));
  const missing = missingApprovals(approvals, votes);
  if (missing.length > 0) reasons.push(`nobody said yes as ${missing.join(', ')}`);
  const missingNow = missing.length > 0 ? [] : missingApprovals(approvalsNow, votes);
  if (missingNow.length > 0) reasons.push(`the policy has changed, and nobody said yes as ${missingNow.join(', ')}: ask again`);
  if (yeses.some(({ by }, index) => yeses.findIndex((other) => isSameIdentity(other.by, by)) < index)) reasons.push('somebody voted twice');
  return reasons;
}
