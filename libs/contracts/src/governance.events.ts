import { z } from 'zod';
import { castVote } from './approvals.js';
import { defineEvent, type EventOf } from './define-event.js';
import { accessLimits } from './live-state.js';
import { uuid } from './names.js';

const vote = {
  approvalId: uuid,
  promotionId: uuid,
  /** Whose vote decided. */
  decidedBy: z.string(),
  reason: z.string(),
  /** Every vote, the deciding one last; an earlier release knew one vote only and left it out. */
  votes: z.array(castVote).optional(),
};

export const approvalVoted = defineEvent('governance.approval.voted.v1', {
  about: 'Somebody said yes to a promotion, and others still have to.',
  subject: 'promotionId',
  data: z.object({
    approvalId: uuid,
    promotionId: uuid,
    vote: castVote,
    /** Roles that still lack a yes, once per person. */
    missing: z.array(z.string()).min(1),
  }),
});
export type ApprovalVoted = EventOf<typeof approvalVoted>;

export const approvalGranted = defineEvent('governance.approval.granted.v1', {
  about: 'An approver other than the requester said yes to a promotion.',
  subject: 'promotionId',
  data: z.object(vote),
});
export type ApprovalGranted = EventOf<typeof approvalGranted>;

export const approvalDenied = defineEvent('governance.approval.denied.v1', {
  about: 'An approver said no to a promotion.',
  subject: 'promotionId',
  data: z.object(vote),
});
export type ApprovalDenied = EventOf<typeof approvalDenied>;

export const accessChanged = defineEvent('governance.access.changed.v1', {
  about: 'A credential was made, changed or revoked.',
  subject: 'keyId',
  data: z.object({
    keyId: z.string(),
    identity: z.string(),
    change: z.enum(['created', 'changed', 'revoked']),
    roles: z.array(z.string()),
    changedBy: z.string(),
    /** What it may use of the gateways from now on; absent: no limit. */
    limits: accessLimits.optional(),
  }),
});
export type AccessChanged = EventOf<typeof accessChanged>;

export const checkpointSigned = defineEvent('governance.checkpoint.signed.v1', {
  about: 'The head of the audit log was signed.',
  subject: 'origin',
  data: z.object({ origin: z.string(), treeSize: z.int().min(0), rootHash: z.string(), keyName: z.string() }),
});
export type CheckpointSigned = EventOf<typeof checkpointSigned>;

const frozen = { switchId: z.literal('loop'), by: z.string(), reason: z.string() };

export const loopFrozen = defineEvent('governance.loop.frozen.v1', {
  about: 'A person stopped retraining, promotion and rollout; serving goes on.',
  subject: 'switchId',
  data: z.object(frozen),
});
export type LoopFrozen = EventOf<typeof loopFrozen>;

export const loopUnfrozen = defineEvent('governance.loop.unfrozen.v1', {
  about: 'The loop may move again.',
  subject: 'switchId',
  data: z.object(frozen),
});
export type LoopUnfrozen = EventOf<typeof loopUnfrozen>;
