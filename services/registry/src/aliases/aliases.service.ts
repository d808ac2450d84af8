import { aliasMoved, type Environment } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { decodeCursor, newId, type Page, type PageQuery, pageOf } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { In, IsNull } from 'typeorm';
import { z } from 'zod';
import { aliasNotFound, nothingInProduction } from '../errors.js';
import { AliasEntity } from './alias.entity.js';
import { AliasMoveEntity } from './alias-move.entity.js';

export const champion = 'champion';

/** A completed rollout, as far as an alias is concerned. */
export interface AliasTarget {
  readonly modelName: string;
  readonly environment: Environment;
  readonly version: number;
  readonly artifactDigest: string;
  readonly profileDigest: string | null;
  readonly promotionId: string;
  readonly rolloutId: string;
  readonly at: Date;
}

/** Pointers that move, and the record of where they pointed when. */
@Injectable()
export class AliasesService {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
  ) {}

  async listOf(modelNames: readonly string[]): Promise<AliasEntity[]> {
    if (modelNames.length === 0) return [];
    return this.transactions.manager.find(AliasEntity, {
      where: { modelName: In([...modelNames]) },
      order: { modelName: 'ASC', environment: 'ASC', alias: 'ASC' },
    });
  }

  async findChampion(modelName: string, environment: Environment): Promise<AliasEntity | undefined> {
    return (await this.transactions.manager.findOneBy(AliasEntity, { modelName, environment, alias: champion })) ?? undefined;
  }

  /** Stays of an alias, newest first. */
  async history(modelName: string, alias: string, environment: Environment, { limit, cursor }: PageQuery): Promise<Page<AliasMoveEntity>> {
    const query = this.transactions.manager
      .createQueryBuilder(AliasMoveEntity, 'move')
      .where('move.modelName = :modelName and move.alias = :alias and move.environment = :environment', { modelName, alias, environment })
      .orderBy('move.moveId', 'DESC')
      .limit(limit + 1);
    if (cursor !== undefined) query.andWhere('move.moveId < :before', { before: decodeCursor(cursor, z.uuid()) });
    const moves = await query.getMany();
    if (moves.length === 0 && cursor === undefined) throw aliasNotFound({ model: modelName, alias, environment });
    return pageOf(moves, limit, (last) => last.moveId);
  }

  /** What the champion alias pointed at at a moment. */
  async productionAt(modelName: string, at: Date): Promise<AliasMoveEntity> {
    const move = await this.transactions.manager
      .createQueryBuilder(AliasMoveEntity, 'move')
      .where(`move.modelName = :modelName and move.environment = 'production' and move.alias = :champion`, { modelName, champion })
      .andWhere('move.fromAt <= :at and (move.toAt is null or move.toAt > :at)', { at })
      .getOne();
    if (!move) throw nothingInProduction({ model: modelName, at: at.toISOString() });
    return move;
  }

  /** Points the champion alias at the version; returns the version it pointed at before. A rollout moves it once. */
  async moveChampion(target: AliasTarget): Promise<number | undefined> {
    return this.transactions.run(async (manager) => {
      const { modelName, environment, version, promotionId, rolloutId } = target;
      const key = { modelName, environment, alias: champion };
      const current = await manager.findOne(AliasEntity, { where: key, lock: { mode: 'pessimistic_write' } });
      if (current?.rolloutId === rolloutId) return undefined;
      // two gateways' clocks may disagree: a stay never ends before it began
      const at = current && current.movedAt > target.at ? current.movedAt : target.at;
      await manager.update(AliasMoveEntity, { ...key, toAt: IsNull() }, { toAt: at });
      await manager.insert(AliasMoveEntity, {
        ...key,
        moveId: newId(),
        version,
        previousVersion: current?.version ?? null,
        fromAt: at,
        toAt: null,
        promotionId,
        rolloutId,
      });
      await manager.upsert(AliasEntity, { ...key, version, movedAt: at, promotionId, rolloutId }, ['modelName', 'environment', 'alias']);
      await this.outbox.publish({
        definition: aliasMoved,
        data: {
          ...key,
          version,
          artifactDigest: target.artifactDigest,
          promotionId,
          rolloutId,
          ...(current ? { previousVersion: current.version } : {}),
          ...(target.profileDigest ? { profileDigest: target.profileDigest } : {}),
        },
      });
      return current?.version;
    });
  }
}
