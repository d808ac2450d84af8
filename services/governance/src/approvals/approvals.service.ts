import { type Credential, likePatterns, requireModel } from '@bascule/access';
import { approvalDenied, approvalGranted, type PromotionRefused, type PromotionRequested } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock, newId } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { alreadyDecided, approvalNotFound, ownRequest } from '../errors.js';
import { Approval } from './approval.entity.js';
import { weighVote } from './approval-policy.js';
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

  /** Casts the vote that decides. */
  async vote(id: string, { decision, reason }: Vote, voter: Credential): Promise<Approval> {
    return this.transactions.run(async (manager) => {
      const approval = await manager.findOne(Approval, { where: { id }, lock: { mode: 'pessimistic_write' } });
      if (!approval) throw approvalNotFound({ approvalId: id });
      requireModel(voter, approval.modelName);
      const { status, requestedBy, request, promotionId } = approval;
      const weighed = weighVote({ status, requestedBy, overriddenBy: request.override?.by, voter: voter.identity, decision });
      if (weighed.outcome === 'refused') {
        const refuse = weighed.because === 'decided' ? alreadyDecided : ownRequest;
        throw refuse({ approvalId: id }, `${weighed.reasons.join('; ')}.`);
      }
      Object.assign(approval, { status: weighed.outcome, decidedBy: voter.identity, decidedAt: this.clock.now(), reason });
      await manager.save(approval);
      await this.outbox.publish({
        definition: weighed.outcome === 'granted' ? approvalGranted : approvalDenied,
        data: { approvalId: id, promotionId, decidedBy: voter.identity, reason },
        causationId: approval.causeId,
        correlationId: approval.correlationId,
      });
      return approval;
    });
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
