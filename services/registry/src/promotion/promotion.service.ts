import { FreezeSwitch } from '@bascule/access';
import {
  type ApprovalDenied,
  type ApprovalGranted,
  type CastVote,
  defaultApprovals,
  type Environment,
  isSameIdentity,
  promotionApproved,
  promotionRefused,
} from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock, decodeCursor, type Page, type PageQuery, pageOf } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { In, LessThan, LessThanOrEqual } from 'typeorm';
import { z } from 'zod';
import { AliasesService } from '../aliases/aliases.service.js';
import { ArtifactsService } from '../artifacts/artifacts.service.js';
import { notTheRequester, promotionDecided, promotionNotFound } from '../errors.js';
import { PoliciesService } from '../policies/policies.service.js';
import { defaultPolicy } from '../policies/policy.schema.js';
import { frozenBy } from '../policies/policy-rules.js';
import { type SignatureFinding, SigningService } from '../signing/signing.service.js';
import type { VersionEntity } from '../versions/version.entity.js';
import { VersionsService } from '../versions/versions.service.js';
import { type ApprovalVote, PromotionEntity } from './promotion.entity.js';
import { decidePromotion } from './promotion-policy.js';

/** Decides promotions when the approvers have voted. */
@Injectable()
export class PromotionService {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly versions: VersionsService,
    private readonly aliases: AliasesService,
    private readonly artifacts: ArtifactsService,
    private readonly freeze: FreezeSwitch,
    private readonly signing: SigningService,
    private readonly policies: PoliciesService,
    private readonly clock: Clock,
  ) {}

  async get(promotionId: string): Promise<PromotionEntity> {
    const promotion = await this.transactions.manager.findOneBy(PromotionEntity, { promotionId });
    if (!promotion) throw promotionNotFound({ promotion: promotionId });
    return promotion;
  }

  /** Locks the promotion for the rest of the transaction. */
  async getForUpdate(promotionId: string): Promise<PromotionEntity> {
    const lock = { mode: 'pessimistic_write' } as const;
    const promotion = await this.transactions.manager.findOne(PromotionEntity, { where: { promotionId }, lock });
    if (!promotion) throw promotionNotFound({ promotion: promotionId });
    return promotion;
  }

  /** Promotions of a model, newest first. */
  async list(modelName: string, { limit, cursor }: PageQuery): Promise<Page<PromotionEntity>> {
    const before = cursor === undefined ? {} : { promotionId: LessThan(decodeCursor(cursor, z.uuid())) };
    const promotions = await this.transactions.manager.find(PromotionEntity, {
      where: { modelName, ...before },
      order: { promotionId: 'DESC' },
      take: limit + 1,
    });
    return pageOf(promotions, limit, (last) => last.promotionId);
  }

  async findOpen(modelName: string, environment: Environment): Promise<PromotionEntity | undefined> {
    const where = { modelName, environment, status: In(['requested', 'waiting', 'approved'] as const) };
    return (await this.transactions.manager.findOne(PromotionEntity, { where })) ?? undefined;
  }

  /** The open promotion of one version, in whichever environment. */
  async findOpenOf(modelName: string, version: number): Promise<PromotionEntity | undefined> {
    const where = { modelName, version, status: In(['requested', 'waiting', 'approved'] as const) };
    return (await this.transactions.manager.findOne(PromotionEntity, { where })) ?? undefined;
  }

  /** How the last rollout of a version in an environment was rolled back; undefined when it was not. */
  async lastRollbackOf(
    modelName: string,
    version: number,
    environment: Environment,
  ): Promise<{ at: string; reasons: string[] } | undefined> {
    const where = { modelName, version, environment, status: In(['completed', 'rolled-back'] as const) };
    const last = await this.transactions.manager.findOne(PromotionEntity, { where, order: { promotionId: 'DESC' } });
    if (last?.status !== 'rolled-back') return undefined;
    return { at: last.endedAt?.toISOString() ?? last.createdAt.toISOString(), reasons: last.reasons };
  }

  /** An approver said yes: approve, wait or refuse. */
  async takeApproval(vote: ApprovalGranted['data']): Promise<void> {
    await this.transactions.run(async () => {
      const promotion = await this.getForUpdate(vote.promotionId);
      if (promotion.status !== 'requested') return;
      const { approvalId, decidedBy, reason, votes } = vote;
      await this.decide(promotion, { approvalId, decidedBy, reason, ...(votes ? { votes } : {}) });
    });
  }

  /** Decides a request whose policy asks nobody. */
  async decideWithoutVotes(promotionId: string): Promise<void> {
    const promotion = await this.getForUpdate(promotionId);
    await this.decide(promotion, { approvalId: null, decidedBy: 'policy', reason: 'the policy asks for no approval', votes: [] });
  }

  /** An approver said no. */
  async takeDenial(vote: ApprovalDenied['data']): Promise<void> {
    await this.transactions.run(async () => {
      const promotion = await this.getForUpdate(vote.promotionId);
      if (promotion.status !== 'requested' && promotion.status !== 'waiting') return;
      const { approvalId, decidedBy, reason, votes } = vote;
      await this.refuse(promotion, { approvalId, decidedBy, reason, ...(votes ? { votes } : {}) }, [`denied by ${decidedBy}: ${reason}`]);
    });
  }

  /** The requester, or an administrator, takes a request back before its rollout begins. */
  async withdraw(promotionId: string, by: string, isAdmin: boolean, reason: string): Promise<PromotionEntity> {
    return this.transactions.run(async () => {
      const promotion = await this.getForUpdate(promotionId);
      if (!isAdmin && !isSameIdentity(promotion.requestedBy, by)) throw notTheRequester({ promotion: promotionId });
      if (promotion.status !== 'requested' && promotion.status !== 'waiting') {
        throw promotionDecided({ promotion: promotionId, status: promotion.status });
      }
      await this.refuse(promotion, promotion.approval, [`withdrawn by ${by}: ${reason}`]);
      return this.get(promotionId);
    });
  }

  /** Ends requests whose time has run out. */
  async endExpired(): Promise<void> {
    const now = this.clock.now();
    const where = { status: In(['requested', 'waiting'] as const), expiresAt: LessThanOrEqual(now) };
    for (const { promotionId } of await this.transactions.manager.find(PromotionEntity, {
      where,
      order: { promotionId: 'ASC' },
      take: 100,
    })) {
      await this.transactions.run(async () => {
        const promotion = await this.getForUpdate(promotionId);
        if (promotion.status !== 'requested' && promotion.status !== 'waiting') return;
        await this.refuse(promotion, promotion.approval, [`nothing was decided before ${promotion.expiresAt?.toISOString()}`]);
      });
    }
  }

  /** Decides again what waits for the freeze switch, and has waited at least so long. */
  async decideWaiting(waitedMs = 0): Promise<void> {
    if (this.freeze.isFrozen()) return;
    const since = new Date(this.clock.now().getTime() - waitedMs);
    const where = { status: 'waiting', decidedAt: LessThanOrEqual(since) } as const;
    const waiting = await this.transactions.manager.find(PromotionEntity, { where, order: { promotionId: 'ASC' } });
    for (const { promotionId } of waiting) {
      await this.transactions.run(async () => {
        const promotion = await this.getForUpdate(promotionId);
        if (promotion.status === 'waiting' && promotion.approval) await this.decide(promotion, promotion.approval);
      });
    }
  }

  private async decide(promotion: PromotionEntity, approval: ApprovalVote): Promise<void> {
    const version = await this.versions.get(promotion.modelName, promotion.version);
    // a version that was let through without a good signature was so with an override; otherwise the key must still be trusted
    const { faults: signingFaults, signature } = await this.signing.verify(version);
    const decision = decidePromotion({
      requestedBy: promotion.requestedBy,
      yeses: yesesOf(approval),
      approvals: promotion.approvals ?? defaultApprovals,
      gates: promotion.gates,
      override: promotion.override,
      isArchived: version.stage === 'archived',
      artifactFaults: [
        ...(await this.artifacts.inspect(version.artifactDigest, Number(version.artifactSizeBytes))).faults,
        ...(promotion.override ? [] : signingFaults),
      ],
      isFrozen: this.freeze.isFrozen(),
      frozenBy: frozenBy((await this.policies.find(promotion.modelName))?.policy ?? defaultPolicy, this.clock.now()),
    });
    if (decision.outcome === 'refuse') return this.refuse(promotion, approval, decision.reasons);
    const status = decision.outcome === 'wait' ? 'waiting' : 'approved';
    const { promotionId } = promotion;
    const decided = { status, approval, reasons: decision.reasons, decidedAt: this.clock.now() } as const;
    await this.transactions.manager.update(PromotionEntity, { promotionId }, decided);
    if (status === 'approved') await this.announce(promotion, approval, version, signature);
  }

  private async announce(
    promotion: PromotionEntity,
    approval: ApprovalVote,
    version: VersionEntity,
    signed: SignatureFinding['signature'],
  ): Promise<void> {
    const { promotionId, modelName, environment, requestedBy, override, strategy } = promotion;
    const champion = await this.aliases.findChampion(modelName, environment);
    await this.outbox.publish({
      definition: promotionApproved,
      data: {
        promotionId,
        modelName,
        version: promotion.version,
        environment,
        requestedBy,
        approvedBy: approval.decidedBy,
        approvers: yesesOf(approval).map(({ by }) => by),
        artifactDigest: version.artifactDigest,
        artifactSizeBytes: Number(version.artifactSizeBytes),
        signature: version.signature,
        strategy,
        ...(override ? { override } : {}),
        ...(version.profileDigest ? { profileDigest: version.profileDigest } : {}),
        ...(champion ? { championVersion: champion.version } : {}),
        ...(signed ? { signatureDigest: signed.digest, signingKey: signed.publicKey } : {}),
      },
    });
  }

  private async refuse(promotion: PromotionEntity, approval: ApprovalVote | null, reasons: string[]): Promise<void> {
    const { promotionId, modelName, version, environment } = promotion;
    const now = this.clock.now();
    const ended = { status: 'refused', approval, reasons, decidedAt: now, endedAt: now } as const;
    await this.transactions.manager.update(PromotionEntity, { promotionId }, ended);
    await this.outbox.publish({ definition: promotionRefused, data: { promotionId, modelName, version, environment, reasons } });
  }
}

/** Who said yes; an earlier release of governance knew one vote only, that of an approver. */
function yesesOf({ votes, decidedBy }: ApprovalVote): Pick<CastVote, 'by' | 'roles'>[] {
  return votes?.filter(({ decision }) => decision === 'grant') ?? [{ by: decidedBy, roles: ['approver'] }];
}
