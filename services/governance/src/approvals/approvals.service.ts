import { type Credential, likePatterns, requireModel } from '@bascule/access';
import {
  type ApprovalRequirement,
  approvalDenied,
  approvalGranted,
  approvalVoted,
  defaultApprovals,
  type PromotionRefused,
  type PromotionRequested,
} from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock, newId } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { alreadyDecided, alreadyVoted, approvalNotFound, ownRequest, roleNotAsked } from '../errors.js';
import { Approval } from './approval.entity.js';
import { weighVote } from './approval-policy.js';
import { ApprovalVote } from './approval-vote.entity.js';
import type { ApprovalsQuery, Vote } from './approvals.schema.js';

/** Votes on promotions. The registry asks and acts; here people answer. */
@Injectable()
export class ApprovalsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** Opens an approval for a requested promotion. */
  async open({ id, data, correlationid }: PromotionRequested): Promise<void> {
    const { promotionId, modelName, version, environment, requestedBy } = data;
    // the policy of the model asks nobody
    if (data.approvals?.length === 0) return;
    const asked = { promotionId, modelName, version, environment, requestedBy, request: data, causeId: id, correlationId: correlationid };
    const row = { ...asked, id: newId(), status: 'pending' as const, openedAt: this.clock.now() };
    await this.transactions.run(async (manager) => {
      await manager.createQueryBuilder().insert().into(Approval).values(row).orIgnore().execute();
    });
  }

  /** Closes the approval of a promotion that the registry ended; one that is decided stays as it was decided. */
  async close({ data: { promotionId, reasons } }: PromotionRefused): Promise<void> {
    await this.transactions.run(async (manager) => {
      const change = { status: 'closed' as const, decidedAt: this.clock.now(), reason: reasons.join('; ') };
      await manager.update(Approval, { promotionId, status: 'pending' }, change);
    });
  }

  /** Casts a vote; it may be the one that decides. */
  async vote(id: string, { decision, reason }: Vote, voter: Credential): Promise<Approval> {
    return this.transactions.run(async (manager) => {
      // votes on one approval are cast one after another: of two that race, the second sees the first
      const approval = await manager.findOne(Approval, { where: { id }, lock: { mode: 'pessimistic_write' } });
      if (!approval) throw approvalNotFound({ approvalId: id });
      requireModel(voter, approval.modelName);
      const before = await this.votesOf([id]);
      const { status, requestedBy, request, promotionId, causeId, correlationId } = approval;
      const now = this.clock.now();
      const weighed = weighVote({
        status,
        requestedBy,
        overriddenBy: request.override?.by,
        requirements: requirementsOf(approval),
        votes: before.filter((one) => one.decision === 'grant').map((one) => ({ by: one.voter, roles: one.roles })),
        voter: voter.identity,
        roles: voter.roles,
        decision,
        endsAt: request.expiresAt,
        now,
      });
      if (weighed.outcome === 'refused') throw refusals[weighed.because]({ approvalId: id }, `${weighed.reasons.join('; ')}.`);
      const cast = { voteId: newId(), approvalId: id, voter: voter.identity, roles: [...voter.roles], decision, reason, votedAt: now };
      await manager.insert(ApprovalVote, cast);
      const about = { causationId: causeId, correlationId };
      if (weighed.outcome === 'counted') {
        const { missing } = weighed;
        await this.outbox.publish({
          definition: approvalVoted,
          data: { approvalId: id, promotionId, vote: told(cast), missing },
          ...about,
        });
        return approval;
      }
      Object.assign(approval, { status: weighed.outcome, decidedBy: voter.identity, decidedAt: now, reason });
      await manager.save(approval);
      await this.outbox.publish({
        definition: weighed.outcome === 'granted' ? approvalGranted : approvalDenied,
        data: { approvalId: id, promotionId, decidedBy: voter.identity, reason, votes: [...before, cast].map(told) },
        ...about,
      });
      return approval;
    });
  }

  /** Votes on these approvals, in the order they were cast. */
  async votesOf(approvalIds: readonly string[]): Promise<ApprovalVote[]> {
    if (approvalIds.length === 0) return [];
    const where = { approvalId: In([...approvalIds]) };
    return this.transactions.manager.find(ApprovalVote, { where, order: { votedAt: 'ASC', voteId: 'ASC' } });
  }

  async get(id: string): Promise<Approval> {
    const approval = await this.transactions.manager.findOneBy(Approval, { id });
    if (!approval) throw approvalNotFound({ approvalId: id });
    return approval;
  }

  /** Newest first; only those about models the credential may touch. */
  async list({ status, promotionId, limit }: ApprovalsQuery, { models }: Credential, before?: string): Promise<Approval[]> {
    const query = this.transactions.manager
      .createQueryBuilder(Approval, 'approval')
      .where('approval.modelName like any(:patterns)', { patterns: likePatterns(models) })
      .orderBy('approval.id', 'DESC')
      .limit(limit + 1);
    if (status) query.andWhere('approval.status = :status', { status });
    if (promotionId) query.andWhere('approval.promotionId = :promotionId', { promotionId });
    if (before) query.andWhere('approval.id < :before', { before });
    return query.getMany();
  }
}

const refusals = { decided: alreadyDecided, 'own-request': ownRequest, role: roleNotAsked, voted: alreadyVoted };

/** Who has to say yes: as the promotion was asked for, whatever the policy says by now. */
export function requirementsOf({ request }: Approval): readonly ApprovalRequirement[] {
  return request.approvals ?? defaultApprovals;
}

function told({ voter, roles, decision, reason, votedAt }: ApprovalVote) {
  return { by: voter, roles, decision, reason, at: votedAt.toISOString() };
}
