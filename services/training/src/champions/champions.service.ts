import type { AliasMoved, ModelSignature, VersionRegistered } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Injectable } from '@nestjs/common';
import { ChampionEntity } from './champion.entity.js';
import { VersionOutputsEntity } from './version-outputs.entity.js';

/** A champion, and what it gives where that is known. */
export interface Champion extends ChampionEntity {
  readonly outputs: ModelSignature['outputs'] | undefined;
}

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

  /** Remembers what a version gives. */
  async describe({ modelName, version, signature }: VersionRegistered['data']): Promise<void> {
    await this.transactions.manager.query(
      'insert into version_outputs (model_name, version, outputs) values ($1, $2, $3) on conflict (model_name, version) do nothing',
      [modelName, version, JSON.stringify(signature.outputs)],
    );
  }

  async find(modelName: string): Promise<Champion | null> {
    const champion = await this.transactions.manager.findOneBy(ChampionEntity, { modelName });
    if (!champion) return null;
    const { version } = champion;
    const known = await this.transactions.manager.findOneBy(VersionOutputsEntity, { modelName, version });
    return { ...champion, outputs: known?.outputs };
  }
}
