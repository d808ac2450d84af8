import type { AliasMoved } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Injectable } from '@nestjs/common';
import { ChampionEntity } from './champion.entity.js';

/** Which version serves in production: new models are compared with it. */
@Injectable()
export class ChampionsService {
  constructor(private readonly transactions: Transactions) {}

  /** Remembers a move of the champion alias in production; an older move that arrives late changes nothing. */
  async record({ data, time }: AliasMoved): Promise<void> {
    if (data.alias !== 'champion' || data.environment !== 'production') return;
    await this.transactions.manager.query(
      `insert into champions (model_name, version, artifact_digest, moved_at) values ($1, $2, $3, $4)
       on conflict (model_name) do update
         set version = excluded.version, artifact_digest = excluded.artifact_digest, moved_at = excluded.moved_at
       where champions.moved_at <= excluded.moved_at`,
      [data.modelName, data.version, data.artifactDigest, new Date(time)],
    );
  }

  async find(modelName: string): Promise<ChampionEntity | null> {
    return this.transactions.manager.findOneBy(ChampionEntity, { modelName });
  }
}
