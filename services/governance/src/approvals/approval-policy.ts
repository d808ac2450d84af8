import { isSameIdentity } from '@bascule/contracts';

/** `closed`: the registry ended the promotion before anybody voted. */
export type ApprovalStatus = 'pending' | 'granted' | 'denied' | 'closed';
export type VoteDecision = 'grant' | 'deny';

/** What a vote is weighed on. */
export interface Ballot {
  readonly status: ApprovalStatus;
  readonly requestedBy: string;
  /** Who passed over failed gates, if anybody did. */
  readonly overriddenBy?: string | undefined;
  readonly voter: string;
  readonly decision: VoteDecision;
}

export type VoteOutcome =
  | { readonly outcome: 'granted' | 'denied' }
  | { readonly outcome: 'refused'; readonly because: 'decided' | 'own-request'; readonly reasons: string[] };

/** One vote decides; the requester and whoever overrode a gate have none, not even against. */
export function weighVote({ status, requestedBy, overriddenBy, voter, decision }: Ballot): VoteOutcome {
  if (status !== 'pending') return { outcome: 'refused', because: 'decided', reasons: [`the approval is ${status}`] };
  if (isSameIdentity(voter, requestedBy))
    return { outcome: 'refused', because: 'own-request', reasons: [`${voter} requested this promotion`] };
  if (overriddenBy !== undefined && isSameIdentity(voter, overriddenBy))
    return { outcome: 'refused', because: 'own-request', reasons: [`${voter} overrode the gates of this promotion`] };
  return { outcome: decision === 'grant' ? 'granted' : 'denied' };
}
