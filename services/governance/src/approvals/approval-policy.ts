import { type ApprovalRequirement, isSameIdentity, missingApprovals } from '@bascule/contracts';

/** `closed`: the registry ended the promotion before the votes had decided. */
export type ApprovalStatus = 'pending' | 'granted' | 'denied' | 'closed';
export type VoteDecision = 'grant' | 'deny';

/** What a vote is weighed on. */
export interface Ballot {
  readonly status: ApprovalStatus;
  readonly requestedBy: string;
  /** Who passed over failed gates, if anybody did. */
  readonly overriddenBy?: string | undefined;
  /** Who has to say yes. */
  readonly requirements: readonly ApprovalRequirement[];
  /** The yeses there are. */
  readonly votes: readonly { readonly by: string; readonly roles: readonly string[] }[];
  readonly voter: string;
  readonly roles: readonly string[];
  readonly decision: VoteDecision;
  /** When the request ends by itself, where it does. */
  readonly endsAt?: string | undefined;
  readonly now: Date;
}

export type VoteOutcome =
  | { readonly outcome: 'granted' | 'denied' }
  /** The vote counts, and these roles still lack a yes. */
  | { readonly outcome: 'counted'; readonly missing: string[] }
  | { readonly outcome: 'refused'; readonly because: 'decided' | 'own-request' | 'role' | 'voted'; readonly reasons: string[] };

/**
 * One no decides; a yes decides when everybody who is asked has said it. The requester and whoever overrode a gate have
 * no vote, not even against; nobody votes twice, whichever keys they hold.
 */
export function weighVote(ballot: Ballot): VoteOutcome {
  const { status, requestedBy, overriddenBy, requirements, votes, voter, roles, decision, endsAt, now } = ballot;
  if (status !== 'pending') return { outcome: 'refused', because: 'decided', reasons: [`the approval is ${status}`] };
  // the registry ends the request soon; until it says so a late yes must not be one
  if (endsAt !== undefined && Date.parse(endsAt) <= now.getTime())
    return { outcome: 'refused', because: 'decided', reasons: [`the time to vote was over at ${endsAt}`] };
  if (isSameIdentity(voter, requestedBy))
    return { outcome: 'refused', because: 'own-request', reasons: [`${voter} requested this promotion`] };
  if (overriddenBy !== undefined && isSameIdentity(voter, overriddenBy))
    return { outcome: 'refused', because: 'own-request', reasons: [`${voter} overrode the gates of this promotion`] };
  if (!requirements.some(({ role }) => roles.includes(role))) {
    const asked = [...new Set(requirements.map(({ role }) => role))].join(' or ');
    return { outcome: 'refused', because: 'role', reasons: [`this promotion asks for the word of ${asked}`] };
  }
  if (votes.some(({ by }) => isSameIdentity(by, voter)))
    return { outcome: 'refused', because: 'voted', reasons: [`${voter} has voted on this promotion`] };
  if (decision === 'deny') return { outcome: 'denied' };
  const missing = missingApprovals(requirements, [...votes.map((vote) => ({ roles: [...vote.roles] })), { roles: [...roles] }]);
  return missing.length === 0 ? { outcome: 'granted' } : { outcome: 'counted', missing };
}
