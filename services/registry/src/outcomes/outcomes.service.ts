import type { RolloutCompleted } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Clock } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { AliasesService, champion } from '../aliases/aliases.service.js';
import { rolloutNotExpected } from '../errors.js';
import { PromotionEntity } from '../promotion/promotion.entity.js';
import { PromotionService } from '../promotion/promotion.service.js';
import { canMoveStatus } from '../promotion/stage.js';
import { VersionsService } from '../versions/versions.service.js';

type Ending = 'completed' | 'rolled-back' | 'aborted';

/** Ends promotions the way their rollouts ended; only a completed rollout moves the champion alias. */
@Injectable()
export class OutcomesService {
  constructor(
    private readonly transactions: Transactions,
    private readonly promotions: PromotionService,
    private readonly aliases: AliasesService,
    private readonly versions: VersionsService,
    private readonly clock: Clock,
  ) {}

  async complete(rollout: RolloutCompleted['data'], completedAt: Date): Promise<void> {
    await this.transactions.run(async () => {
      if (!(await this.end(rollout, 'completed'))) return;
      const { modelName, environment, promotionId, rolloutId } = rollout;
      const { artifactDigest, profileDigest } = await this.versions.get(modelName, rollout.version);
      const promotion = await this.promotions.get(promotionId);
      const { requestedBy, approval, gates, override, strategy } = promotion;
      const former = await this.aliases.findChampion(modelName, environment);
      await this.aliases.move({
        modelName,
        environment,
        alias: champion,
        version: rollout.version,
        artifactDigest,
        profileDigest,
        movedBy: approval?.decidedBy ?? requestedBy,
        reason: approval?.reason ?? 'the rollout completed',
        evidence: { requestedBy, approval, gates, override, strategy, rollout: { rolloutId, reasons: rollout.reasons } },
        override,
        promotionId,
        rolloutId,
        at: completedAt,
      });
      await this.restage(modelName, rollout.version);
      if (former) await this.restage(modelName, former.version);
    });
  }

  /**
   * Records how the rollout ended. False when the promotion had ended before.
   * @param isMarked the version is not tried again without an override
   */
  async end(
    rollout: { promotionId: string; rolloutId: string; reasons: string[] },
    status: Ending,
    isMarked = status === 'rolled-back',
  ): Promise<boolean> {
    return this.transactions.run(async (manager) => {
      const { promotionId, rolloutId, reasons } = rollout;
      const promotion = await this.promotions.getForUpdate(promotionId);
      if (promotion.endedAt) return false;
      if (!canMoveStatus(promotion.status, status)) throw rolloutNotExpected({ promotion: promotionId, status: promotion.status });
      await manager.update(PromotionEntity, { promotionId }, { status, rolloutId, reasons, isMarked, endedAt: this.clock.now() });
      return true;
    });
  }

  /** The stage of a version follows from where it is champion; one that is nowhere can be promoted again. */
  private async restage(modelName: string, version: number): Promise<void> {
    const held = (await this.aliases.listOf([modelName])).filter((alias) => alias.alias === champion && alias.version === version);
    const isInProduction = held.some(({ environment }) => environment === 'production');
    await this.versions.moveStage(modelName, version, isInProduction ? 'production' : held.length > 0 ? 'staging' : 'candidate');
  }
}
