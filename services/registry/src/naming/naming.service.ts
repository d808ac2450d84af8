import type { Credential } from '@bascule/access';
import { Clock, CONFIG } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { AliasMoveEntity } from '../aliases/alias-move.entity.js';
import type { AliasBody, RemoveAliasQuery } from '../aliases/aliases.schema.js';
import { AliasesService, champion } from '../aliases/aliases.service.js';
import type { Config } from '../config.js';
import { aliasNotFound, aliasReserved, environmentUnknown, versionArchived } from '../errors.js';
import { VersionsService } from '../versions/versions.service.js';

/** Aliases that people move: challenger and any other; the champion follows rollouts alone. */
@Injectable()
export class NamingService {
  constructor(
    private readonly aliases: AliasesService,
    private readonly versions: VersionsService,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Points an alias at a version; where it points already nothing happens. */
  async point(modelName: string, alias: string, body: AliasBody, credential: Credential): Promise<AliasMoveEntity> {
    const { version: number, environment, reason } = body;
    this.refuseOthers(alias, environment);
    const version = await this.versions.get(modelName, number);
    if (version.stage === 'archived') throw versionArchived({ model: modelName, version: number });
    const { artifactDigest, profileDigest } = version;
    await this.aliases.move({
      modelName,
      environment,
      alias,
      version: number,
      artifactDigest,
      profileDigest,
      movedBy: credential.identity,
      reason,
      evidence: null,
      promotionId: null,
      rolloutId: null,
      at: this.clock.now(),
    });
    const move = await this.aliases.current({ modelName, environment, alias });
    if (!move) throw aliasNotFound({ model: modelName, alias, environment });
    return move;
  }

  /** Takes an alias away. */
  async remove(modelName: string, alias: string, { environment, reason }: RemoveAliasQuery, credential: Credential): Promise<void> {
    this.refuseOthers(alias, environment);
    await this.aliases.remove({ modelName, environment, alias, movedBy: credential.identity, reason, at: this.clock.now() });
  }

  private refuseOthers(alias: string, environment: string): void {
    if (alias === champion) throw aliasReserved({ alias });
    if (!this.config.ENVIRONMENTS.includes(environment)) throw environmentUnknown({ environment, known: this.config.ENVIRONMENTS });
  }
}
