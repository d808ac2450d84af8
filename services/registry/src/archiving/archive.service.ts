import type { Credential } from '@bascule/access';
import { versionArchived } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { AliasesService } from '../aliases/aliases.service.js';
import { versionInUse } from '../errors.js';
import { PromotionService } from '../promotion/promotion.service.js';
import { VersionEntity } from '../versions/version.entity.js';
import { VersionsService } from '../versions/versions.service.js';

/** Retires versions nobody will promote again. */
@Injectable()
export class ArchiveService {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly versions: VersionsService,
    private readonly aliases: AliasesService,
    private readonly promotions: PromotionService,
    private readonly clock: Clock,
  ) {}

  /** Archives a version that no alias and no open promotion holds; archiving it again changes nothing. */
  async archive(modelName: string, number: number, reason: string, credential: Credential): Promise<VersionEntity> {
    return this.transactions.run(async (manager) => {
      const version = await this.versions.get(modelName, number);
      if (version.stage === 'archived') return version;
      await this.refuseWhenHeld(modelName, number);
      const archivedBy = credential.identity;
      const archived = { stage: 'archived', archivedAt: this.clock.now(), archivedBy, archiveReason: reason } as const;
      await manager.update(VersionEntity, { modelName, version: number }, archived);
      await this.outbox.publish({ definition: versionArchived, data: { modelName, version: number, archivedBy, reason } });
      return manager.merge(VersionEntity, version, archived);
    });
  }

  private async refuseWhenHeld(modelName: string, version: number): Promise<void> {
    const alias = (await this.aliases.listOf([modelName])).find((candidate) => candidate.version === version);
    if (alias) throw versionInUse({ model: modelName, version, alias: alias.alias, environment: alias.environment });
    const open = await this.promotions.findOpenOf(modelName, version);
    if (open) throw versionInUse({ model: modelName, version, promotion: open.promotionId });
  }
}
