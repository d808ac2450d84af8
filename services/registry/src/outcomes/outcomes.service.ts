import type { RolloutCompleted } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Clock } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { AliasesService } from '../aliases/aliases.service.js';
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
      const version = await this.versions.get(modelName, rollout.version);
      const { artifactDigest, profileDigest } = version;
      const target = {
        modelName,
        environment,
        version: rollout.version,
        artifactDigest,
        profileDigest,
        promotionId,
        rolloutId,
        at: completedAt,
      };
      const previous = await this.aliases.moveChampion(target);
      await this.versions.moveStage(modelName, rollout.version, environment);
      if (previous !== undefined) await this.leave(modelName, previous, environment);
    });
  }

  /** Records how the rollout ended. False when the promotion had ended before. */
  async end(rollout: { promotionId: string; rolloutId: string; reasons: string[] }, status: Ending): Promise<boolean> {
    return this.transactions.run(async (manager) => {
      const { promotionId, rolloutId, reasons } = rollout;
      const promotion = await this.promotions.getForUpdate(promotionId);
      if (promotion.endedAt) return false;
      if (!canMoveStatus(promotion.status, status)) throw rolloutNotExpected({ promotion: promotionId, status: promotion.status });
      await manager.update(PromotionEntity, { promotionId }, { status, rolloutId, reasons, endedAt: this.clock.now() });
      return true;
    });
  }

  // a version that left production can be promoted again; one that only left staging may still be in production
  private async leave(modelName: string, version: number, environment: string): Promise<void> {
    const { stage } = await this.versions.get(modelName, version);
    if (stage === environment) await this.versions.moveStage(modelName, version, 'candidate');
  }
}
