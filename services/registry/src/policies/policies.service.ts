import { policyChanged } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock, CONFIG, decodeCursor, type Page, type PageQuery, pageOf } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import { LessThan } from 'typeorm';
import { z } from 'zod';
import type { Config } from '../config.js';
import { environmentUnknown } from '../errors.js';
import { PolicyEntity } from './policy.entity.js';
import { type PromotionPolicy, promotionPolicy } from './policy.schema.js';

/** What versions of a model have to show to be promoted. */
@Injectable()
export class PoliciesService {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** The policy that holds; undefined when the model has none of its own. */
  async find(modelName: string): Promise<PolicyEntity | undefined> {
    const order = { revision: 'DESC' } as const;
    const held = await this.transactions.manager.findOne(PolicyEntity, { where: { modelName }, order });
    // one from an earlier release says nothing about rules that came later
    return held ? Object.assign(held, { policy: promotionPolicy.parse(held.policy) }) : undefined;
  }

  /** Makes a new revision; the older ones stay. Approvals for a place nobody set up are refused: they would protect nothing. */
  async set(modelName: string, policy: PromotionPolicy, changedBy: string, reason: string): Promise<PolicyEntity> {
    const { ENVIRONMENTS: known } = this.config;
    const environment = Object.keys(policy.approvals).find((name) => !known.includes(name));
    if (environment !== undefined) throw environmentUnknown({ environment, known });
    return this.transactions.run(async (manager) => {
      await manager.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`policy/${modelName}`]);
      const revision = ((await this.find(modelName))?.revision ?? 0) + 1;
      const entity = manager.create(PolicyEntity, { modelName, revision, policy, changedBy, reason, createdAt: this.clock.now() });
      await manager.insert(PolicyEntity, entity);
      await this.outbox.publish({ definition: policyChanged, data: { modelName, revision, policy, changedBy, reason } });
      return entity;
    });
  }

  /** Every revision, newest first. */
  async history(modelName: string, { limit, cursor }: PageQuery): Promise<Page<PolicyEntity>> {
    const before = cursor === undefined ? {} : { revision: LessThan(decodeCursor(cursor, z.int())) };
    const where = { modelName, ...before };
    const found = await this.transactions.manager.find(PolicyEntity, { where, order: { revision: 'DESC' }, take: limit + 1 });
    return pageOf(found, limit, (last) => last.revision);
  }
}
