import { type ApprovalRequirement, type GateResult, isSameIdentity, missingApprovals, type RolloutStrategy } from '@bascule/contracts';
import { allPass, failures } from './gates.js';

export interface PromotionEvidence {
  readonly requestedBy: string;
  /** Who said yes, with the roles they held. */
  readonly yeses: readonly { readonly by: string; readonly roles: readonly string[] }[];
  /** Who has to. */
  readonly approvals: readonly ApprovalRequirement[];
  readonly gates: readonly GateResult[];
  readonly override: { readonly by: string } | null;
  readonly isArchived: boolean;
  /** What verifying the artifact found now, after the approval. */
  readonly artifactFaults: readonly string[];
  readonly isFrozen: boolean;
  /** Why the policy of the model lets nothing up now; undefined when it does. */
  readonly frozenBy?: string | undefined;
}

export interface PromotionDecision {
  readonly outcome: 'approve' | 'wait' | 'refuse';
  readonly reasons: string[];
}

/** May an approved request become a rollout? Refuses what can never go ahead; waits only while the loop is frozen, or the model by its policy. */
export function decidePromotion(evidence: PromotionEvidence): PromotionDecision {
  const refusals = refusalsOf(evidence);
  if (refusals.length > 0) return { outcome: 'refuse', reasons: refusals };
  if (evidence.isFrozen) return { outcome: 'wait', reasons: ['the loop is frozen'] };
  if (evidence.frozenBy !== undefined) return { outcome: 'wait', reasons: [evidence.frozenBy] };
  const failed = failures(evidence.gates).length;
  const gates = failed === 0 ? 'every gate passed' : `gates were overridden: ${failed} ${failed === 1 ? 'reason' : 'reasons'}`;
  const names = evidence.yeses.map(({ by }) => by);
  return {
    outcome: 'approve',
    reasons: [names.length === 0 ? 'the policy asks for no approval' : `approved by ${names.join(', ')}`, gates],
  };
}

/** Steps of a rollout: the first version of an environment takes everything at once, because nothing else could answer. */
export function strategyOf(asked: RolloutStrategy | undefined, hasChampion: boolean): RolloutStrategy {
  if (!hasChampion) return { steps: [100] };
  return asked ?? { steps: [10, 50, 100] };
}

function refusalsOf({ requestedBy, yeses, approvals, gates, override, isArchived, artifactFaults }: PromotionEvidence): string[] {
  const reasons: string[] = [];
  for (const { by } of yeses) {
    if (isSameIdentity(by, requestedBy)) reasons.push(`${by} cannot approve their own request`);
    else if (override && isSameIdentity(by, override.by)) reasons.push(`${by} passed over the gates and cannot approve it as well`);
  }
  // governance counts the votes; here nobody has to take its word
  const votes = yeses.map(({ roles }) => ({ roles: [...roles] }));
  const missing = missingApprovals(approvals, votes);
  if (missing.length > 0) reasons.push(`nobody said yes as ${missing.join(', ')}`);
  if (yeses.some(({ by }, index) => yeses.findIndex((other) => isSameIdentity(other.by, by)) < index)) reasons.push('somebody voted twice');
  if (!allPass(gates) && !override) reasons.push(...failures(gates).map(({ path, message }) => `${path}: ${message}`));
  if (isArchived) reasons.push('the version was archived in the meantime');
  reasons.push(...artifactFaults);
  return reasons;
}
