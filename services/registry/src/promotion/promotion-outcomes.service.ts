import { type CastVote, promotionApproved, promotionRefused } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import type { SignatureFinding } from '../signing/signing.service.js';
import type { VersionEntity } from '../versions/version.entity.js';
import { type ApprovalVote, type DecisionRecord, PromotionEntity } from './promotion.entity.js';

/** What an approval lets into serving. */
interface ApprovedVersion {
  readonly version: VersionEntity;
  readonly signed: SignatureFinding['signature'];
  readonly record: DecisionRecord | null;
}

/** Writes down how promotions are decided, each with its event. */
@Injectable()
export class PromotionOutcomes {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  async approve(
    promotion: PromotionEntity,
    approval: ApprovalVote,
    reasons: string[],
    { version, signed, record }: ApprovedVersion,
  ): Promise<void> {
    const { promotionId, modelName, environment, requestedBy, override, strategy } = promotion;
    const decided = { status: 'approved', approval, reasons, decision: record, decidedAt: this.clock.now() } as const;
    await this.transactions.manager.update(PromotionEntity, { promotionId }, decided);
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
        reasons,
        ...(record ? { gates: record.gates, policyRevision: record.policyRevision } : {}),
        ...(override ? { override } : {}),
        ...(version.profileDigest ? { profileDigest: version.profileDigest } : {}),
        ...(record?.championVersion ? { championVersion: record.championVersion } : {}),
        ...(signed ? { signatureDigest: signed.digest, signingKey: signed.publicKey } : {}),
      },
    });
  }

  async wait({ promotionId }: PromotionEntity, approval: ApprovalVote, reasons: string[]): Promise<void> {
    const waiting = { status: 'waiting', approval, reasons, decidedAt: this.clock.now() } as const;
    await this.transactions.manager.update(PromotionEntity, { promotionId }, waiting);
  }

  /** @param record what the gates said as it was decided; null when nobody asked them */
  async refuse(
    promotion: PromotionEntity,
    approval: ApprovalVote | null,
    reasons: string[],
    record: DecisionRecord | null = null,
  ): Promise<void> {
    const { promotionId, modelName, version, environment } = promotion;
    const now = this.clock.now();
    const ended = { status: 'refused', approval, reasons, decision: record, decidedAt: now, endedAt: now } as const;
    await this.transactions.manager.update(PromotionEntity, { promotionId }, ended);
    const found = record ? { gates: record.gates, policyRevision: record.policyRevision } : {};
    await this.outbox.publish({ definition: promotionRefused, data: { promotionId, modelName, version, environment, reasons, ...found } });
  }
}

/** Who said yes; an earlier release of governance knew one vote only, that of an approver. */
export function yesesOf({ votes, decidedBy }: ApprovalVote): Pick<CastVote, 'by' | 'roles'>[] {
  return votes?.filter(({ decision }) => decision === 'grant') ?? [{ by: decidedBy, roles: ['approver'] }];
}
