import type { GateResult, RolloutStrategy } from '@bascule/contracts';
import { allPass, failures } from './gates.js';

export interface PromotionEvidence {
  readonly requestedBy: string;
  readonly approvedBy: string;
  readonly gates: readonly GateResult[];
  readonly hasOverride: boolean;
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
  return { outcome: 'approve', reasons: [`approved by ${evidence.approvedBy}`, gates] };
}

/** Steps of a rollout: the first version of an environment takes everything at once, because nothing else could answer. */
export function strategyOf(asked: RolloutStrategy | undefined, hasChampion: boolean): RolloutStrategy {
  if (!hasChampion) return { steps: [100] };
  return asked ?? { steps: [10, 50, 100] };
}

function refusalsOf({ requestedBy, approvedBy, gates, hasOverride, isArchived, artifactFaults }: PromotionEvidence): string[] {
  const reasons: string[] = [];
  if (approvedBy === requestedBy) reasons.push(`${approvedBy} cannot approve their own request`);
  if (!allPass(gates) && !hasOverride) reasons.push(...failures(gates).map(({ path, message }) => `${path}: ${message}`));
  if (isArchived) reasons.push('the version was archived in the meantime');
  reasons.push(...artifactFaults);
  return reasons;
}
