import { FreezeSwitch } from '@bascule/access';
import { type ApprovalDenied, type ApprovalGranted, defaultApprovals, isSameIdentity } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Clock, eachInTurn } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { In, LessThanOrEqual } from 'typeorm';
import { notTheRequester, promotionDecided } from '../errors.js';
import { PoliciesService } from '../policies/policies.service.js';
import { approvalsFor, defaultPolicy } from '../policies/policy.schema.js';
import { frozenBy } from '../policies/policy-rules.js';
import type { VersionEntity } from '../versions/version.entity.js';
import { VersionsService } from '../versions/versions.service.js';
import { type ApprovalVote, type DecisionRecord, PromotionEntity } from './promotion.entity.js';
import { PromotionService } from './promotion.service.js';
import { type AskedGates, PromotionEvidenceService } from './promotion-evidence.service.js';
import { PromotionOutcomes, yesesOf } from './promotion-outcomes.service.js';
import { decidePromotion, type PromotionEvidence } from './promotion-policy.js';

/** Decides promotions when the approvers have voted, by what is known then. */
@Injectable()
export class PromotionDecisionService {
  constructor(
    private readonly transactions: Transactions,
    private readonly promotions: PromotionService,
    private readonly outcomes: PromotionOutcomes,
    private readonly evidence: PromotionEvidenceService,
    private readonly versions: VersionsService,
    private readonly freeze: FreezeSwitch,
    private readonly policies: PoliciesService,
    private readonly clock: Clock,
  ) {}

  /** An approver said yes: approve, wait or refuse. */
  async takeApproval(vote: ApprovalGranted['data']): Promise<void> {
    await this.transactions.run(async () => {
      const promotion = await this.promotions.getForUpdate(vote.promotionId);
      if (promotion.status !== 'requested') return;
      const { approvalId, decidedBy, reason, votes } = vote;
      await this.decide(promotion, { approvalId, decidedBy, reason, ...(votes ? { votes } : {}) });
    });
  }

  /** Decides a request whose policy asks nobody. */
  async decideWithoutVotes(promotionId: string): Promise<void> {
    const promotion = await this.promotions.getForUpdate(promotionId);
    await this.decide(promotion, { approvalId: null, decidedBy: 'policy', reason: 'the policy asks for no approval', votes: [] });
  }

  /** An approver said no. */
  async takeDenial(vote: ApprovalDenied['data']): Promise<void> {
    await this.transactions.run(async () => {
      const promotion = await this.promotions.getForUpdate(vote.promotionId);
      if (promotion.status !== 'requested' && promotion.status !== 'waiting') return;
      const { approvalId, decidedBy, reason, votes } = vote;
      const reasons = [`denied by ${decidedBy}: ${reason}`];
      await this.outcomes.refuse(promotion, { approvalId, decidedBy, reason, ...(votes ? { votes } : {}) }, reasons);
    });
  }

  /** The requester, or an administrator, takes a request back before its rollout begins. */
  async withdraw(promotionId: string, by: string, isAdmin: boolean, reason: string): Promise<PromotionEntity> {
    return this.transactions.run(async () => {
      const promotion = await this.promotions.getForUpdate(promotionId);
      if (!isAdmin && !isSameIdentity(promotion.requestedBy, by)) throw notTheRequester({ promotion: promotionId });
      if (promotion.status !== 'requested' && promotion.status !== 'waiting') {
        throw promotionDecided({ promotion: promotionId, status: promotion.status });
      }
      await this.outcomes.refuse(promotion, promotion.approval, [`withdrawn by ${by}: ${reason}`]);
      return this.promotions.get(promotionId);
    });
  }

  /** Ends requests whose time has run out. */
  async endExpired(): Promise<void> {
    const now = this.clock.now();
    const where = { status: In(['requested', 'waiting'] as const), expiresAt: LessThanOrEqual(now) };
    const order = { promotionId: 'ASC' } as const;
    const expired = await this.transactions.manager.find(PromotionEntity, { where, order, take: 100 });
    await eachInTurn(expired, ({ promotionId }) =>
      this.transactions.run(async () => {
        const promotion = await this.promotions.getForUpdate(promotionId);
        if (promotion.status !== 'requested' && promotion.status !== 'waiting') return;
        const reasons = [`nothing was decided before ${promotion.expiresAt?.toISOString()}`];
        await this.outcomes.refuse(promotion, promotion.approval, reasons);
      }),
    );
  }

  /** Decides again what waits for the freeze switch, and has waited at least so long. */
  async decideWaiting(waitedMs = 0): Promise<void> {
    if (this.freeze.isFrozen()) return;
    const since = new Date(this.clock.now().getTime() - waitedMs);
    const where = { status: 'waiting', decidedAt: LessThanOrEqual(since) } as const;
    const waiting = await this.transactions.manager.find(PromotionEntity, { where, order: { promotionId: 'ASC' } });
    await eachInTurn(waiting, ({ promotionId }) =>
      this.transactions.run(async () => {
        const promotion = await this.promotions.getForUpdate(promotionId);
        if (promotion.status === 'waiting' && promotion.approval) await this.decide(promotion, promotion.approval);
      }),
    );
  }

  /** By the gates, the policy and the champion of this moment: what held when it was asked for may hold no more. */
  private async decide(promotion: PromotionEntity, approval: ApprovalVote): Promise<void> {
    const { modelName, environment, override } = promotion;
    const version = await this.versions.get(modelName, promotion.version);
    const held = await this.policies.find(modelName);
    const policy = held?.policy ?? defaultPolicy;
    const waitsFor = this.freeze.isFrozen() ? 'the loop is frozen' : frozenBy(policy, this.clock.now());
    // what has to wait is asked again when the wait is over: no need to read the file every few seconds
    const asked = waitsFor === undefined ? await this.evidence.askGates(version, environment, policy) : undefined;
    const decision = decidePromotion({
      ...factsOf(promotion, approval, version),
      approvalsNow: approvalsFor(policy, environment, override !== null),
      waitsFor,
      ...(asked ? changesOf(promotion, version, asked) : {}),
    });
    const record: DecisionRecord | null = asked
      ? { gates: asked.gates, championVersion: asked.championVersion, policyRevision: held?.revision ?? 0 }
      : null;
    if (decision.outcome === 'refuse') return this.outcomes.refuse(promotion, approval, decision.reasons, record);
    if (decision.outcome === 'wait') return this.outcomes.wait(promotion, approval, decision.reasons);
    await this.outcomes.approve(promotion, approval, decision.reasons, { version, signed: asked?.signed, record });
  }
}

function factsOf(promotion: PromotionEntity, approval: ApprovalVote, version: VersionEntity) {
  const { requestedBy, approvals, gates, override } = promotion;
  return {
    requestedBy,
    yeses: yesesOf(approval),
    approvals: approvals ?? defaultApprovals,
    gates,
    override,
    isArchived: version.stage === 'archived',
    artifactFaults: [],
  } satisfies Partial<PromotionEvidence>;
}

function changesOf({ override, championVersion }: PromotionEntity, { version }: VersionEntity, asked: AskedGates) {
  return {
    gatesNow: asked.gates,
    isChampionNow: asked.championVersion === version,
    hasFirstChampion: championVersion === null && asked.championVersion !== null,
    // a version that was let through without a good signature was so with an override; otherwise the key must still be trusted
    artifactFaults: [...asked.artifactFaults, ...(override ? [] : asked.signingFaults)],
  } satisfies Partial<PromotionEvidence>;
}
