import type { Environment } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { decodeCursor, type Page, type PageQuery, pageOf } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { In, LessThan } from 'typeorm';
import { z } from 'zod';
import { promotionNotFound } from '../errors.js';
import type { Mark } from './gates.js';
import { PromotionEntity } from './promotion.entity.js';

/** Finds promotions. */
@Injectable()
export class PromotionService {
  constructor(private readonly transactions: Transactions) {}

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

  /** What became of the last rollout of a version in an environment, if that marked it; undefined when it did not, or completed since. */
  async lastMarkOf(modelName: string, version: number, environment: Environment): Promise<Mark | undefined> {
    const of = { modelName, version, environment };
    const where = [
      { ...of, status: 'completed' as const },
      { ...of, isMarked: true },
    ];
    const last = await this.transactions.manager.findOne(PromotionEntity, { where, order: { promotionId: 'DESC' } });
    if (!last?.isMarked) return undefined;
    const at = last.endedAt?.toISOString() ?? last.createdAt.toISOString();
    return { at, cause: last.status === 'rolled-back' ? 'rolled-back' : 'refused-at-load', reasons: last.reasons };
  }
}
