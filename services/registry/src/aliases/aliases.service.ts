import { aliasMoved, aliasRemoved, type Environment } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { decodeCursor, newId, type Page, type PageQuery, pageOf } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { type EntityManager, In, IsNull, Not } from 'typeorm';
import { z } from 'zod';
import { aliasNotFound } from '../errors.js';
import { AliasEntity } from './alias.entity.js';
import { AliasMoveEntity, type MoveEvidence } from './alias-move.entity.js';

export const champion = 'champion';

/** Which alias of which model where. */
export interface AliasKey {
  readonly modelName: string;
  readonly environment: Environment;
  readonly alias: string;
}

/** One move of an alias: where to, why, and on whose word. */
export interface AliasTarget extends AliasKey {
  readonly version: number;
  readonly artifactDigest: string;
  readonly profileDigest: string | null;
  readonly movedBy: string;
  readonly reason: string;
  readonly evidence: MoveEvidence | null;
  /** Present when gates had failed. */
  readonly override?: { readonly by: string; readonly reason: string } | null;
  /** Null when no rollout moves the alias. */
  readonly promotionId: string | null;
  readonly rolloutId: string | null;
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

  /** Was the version the champion there before the champion of now first was? Then a promotion of it goes back. */
  async isFormerChampion(modelName: string, version: number, environment: Environment): Promise<boolean> {
    const current = await this.findChampion(modelName, environment);
    if (!current || current.version === version) return false;
    const where = { modelName, environment, alias: champion, version: In([version, current.version]) };
    const first = await this.transactions.manager.findOne(AliasMoveEntity, { where, order: { moveId: 'ASC' } });
    return first?.version === version;
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

  /** The stay that lasts; undefined while the alias points at nothing. */
  async current({ modelName, environment, alias }: AliasKey): Promise<AliasMoveEntity | undefined> {
    const where = { modelName, environment, alias, toAt: IsNull(), version: Not(IsNull()) };
    return (await this.transactions.manager.findOneBy(AliasMoveEntity, where)) ?? undefined;
  }

  /** What an alias pointed at at a moment; undefined when it pointed at nothing. */
  async at({ modelName, environment, alias }: AliasKey, at: Date): Promise<AliasMoveEntity | undefined> {
    const move = await this.transactions.manager
      .createQueryBuilder(AliasMoveEntity, 'move')
      .where('move.modelName = :modelName and move.environment = :environment and move.alias = :alias', { modelName, environment, alias })
      .andWhere('move.fromAt <= :at and (move.toAt is null or move.toAt > :at)', { at })
      .andWhere('move.version is not null')
      .orderBy('move.fromAt', 'DESC')
      .limit(1)
      .getOne();
    return move ?? undefined;
  }

  /** Points an alias at a version. @returns false when it had been moved by the same rollout, or pointed there already */
  async move(target: AliasTarget): Promise<boolean> {
    const { modelName, environment, alias, version, promotionId, rolloutId } = target;
    return this.exclusively(target, async (manager, current) => {
      if (current && (rolloutId === null ? current.version === version : current.rolloutId === rolloutId)) return false;
      const at = await this.endStay(manager, target, current);
      const key = { modelName, environment, alias };
      const { movedBy, reason, evidence } = target;
      const previousVersion = current?.version ?? null;
      const stay = { ...key, version, previousVersion, promotionId, rolloutId, movedBy, reason, evidence } as const;
      await manager.insert(AliasMoveEntity, { ...stay, moveId: newId(), fromAt: at, toAt: null } as object);
      const override = target.override ?? null;
      const pointer = { ...key, version, movedAt: at, promotionId, rolloutId, override };
      await manager.upsert(AliasEntity, pointer, ['modelName', 'environment', 'alias']);
      await this.outbox.publish({
        definition: aliasMoved,
        data: {
          ...key,
          version,
          artifactDigest: target.artifactDigest,
          movedBy,
          reason,
          ...(current ? { previousVersion: current.version } : {}),
          ...(target.profileDigest ? { profileDigest: target.profileDigest } : {}),
          ...(promotionId === null ? {} : { promotionId }),
          ...(rolloutId === null ? {} : { rolloutId }),
          ...(override ? { override } : {}),
        },
      });
      return true;
    });
  }

  /** Takes an alias away; where it pointed stays in its history. */
  async remove(key: AliasKey & { readonly movedBy: string; readonly reason: string; readonly at: Date }): Promise<void> {
    const { modelName, environment, alias, movedBy, reason } = key;
    await this.exclusively(key, async (manager, current) => {
      if (!current) throw aliasNotFound({ model: modelName, alias, environment });
      const at = await this.endStay(manager, key, current);
      const previousVersion = current.version;
      const none = { version: null, previousVersion, promotionId: null, rolloutId: null, evidence: null } as const;
      await manager.insert(AliasMoveEntity, {
        ...none,
        modelName,
        environment,
        alias,
        movedBy,
        reason,
        moveId: newId(),
        fromAt: at,
        toAt: null,
      } as object);
      await manager.delete(AliasEntity, { modelName, environment, alias });
      await this.outbox.publish({
        definition: aliasRemoved,
        data: { modelName, environment, alias, previousVersion, removedBy: movedBy, reason },
      });
    });
  }

  /** One move of an alias at a time, also of one that does not exist yet. */
  private async exclusively<T>(
    { modelName, environment, alias }: AliasKey,
    work: (manager: EntityManager, current: AliasEntity | null) => Promise<T>,
  ): Promise<T> {
    return this.transactions.run(async (manager) => {
      await manager.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`alias/${modelName}/${environment}/${alias}`]);
      return work(manager, await manager.findOneBy(AliasEntity, { modelName, environment, alias }));
    });
  }

  /** Closes the stay that lasts. @returns when */
  private async endStay(
    manager: EntityManager,
    { modelName, environment, alias, at: asked }: AliasKey & { readonly at: Date },
    current: AliasEntity | null,
  ): Promise<Date> {
    // two gateways' clocks may disagree: a stay never ends before it began
    const at = current && current.movedAt > asked ? current.movedAt : asked;
    await manager.update(AliasMoveEntity, { modelName, environment, alias, toAt: IsNull() }, { toAt: at });
    return at;
  }
}
