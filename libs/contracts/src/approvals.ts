import { z } from 'zod';
import { role } from './live-state.js';
import { instant } from './names.js';

/** So many people who hold a role have to say yes. */
export const approvalRequirement = z.object({ role: role.exclude(['service', 'client']), count: z.int().min(1).max(10) });
export type ApprovalRequirement = z.infer<typeof approvalRequirement>;

/** What is asked for where nobody said otherwise: one approver. */
export const defaultApprovals: readonly ApprovalRequirement[] = [{ role: 'approver', count: 1 }];

/** One person's yes or no, with the roles they held as they voted. */
export const castVote = z.object({
  by: z.string(),
  roles: z.array(z.string()),
  decision: z.enum(['grant', 'deny']),
  reason: z.string(),
  at: instant,
});
export type CastVote = z.infer<typeof castVote>;

/**
 * Roles that still lack a yes, once per person that is missing; empty when there are enough. Everybody counts for one
 * role only, whichever they are needed for.
 */
export function missingApprovals(requirements: readonly ApprovalRequirement[], votes: readonly Pick<CastVote, 'roles'>[]): string[] {
  const seats = requirements.flatMap(({ role: wanted, count }) => Array.from({ length: count }, () => wanted as string));
  const holder = new Array<number>(seats.length).fill(-1);
  // a voter takes a free seat, or one whose holder can move to another
  const take = (voter: number, tried: Set<number>): boolean =>
    seats.some((wanted, seat) => {
      if (!votes[voter]!.roles.includes(wanted) || tried.has(seat)) return false;
      tried.add(seat);
      if (holder[seat] !== -1 && !take(holder[seat]!, tried)) return false;
      holder[seat] = voter;
      return true;
    });
  for (const voter of votes.keys()) take(voter, new Set());
  return seats.filter((_, seat) => holder[seat] === -1);
}
