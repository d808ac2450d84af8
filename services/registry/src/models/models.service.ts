import { type Credential, likePatterns } from '@bascule/access';
import { detailsChanged, type Tags } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock, decodeCursor, type Page, pageOf } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { modelNotFound } from '../errors.js';
import { ModelEntity } from './model.entity.js';
import type { ModelDetails, ModelQuery } from './models.schema.js';

/** Registered models; a model comes into being with its first version. */
@Injectable()
export class ModelsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** Models the credential may touch, by name; those that fit a search and a tag. */
  async list(credential: Credential, { limit, cursor, search, tag }: ModelQuery): Promise<Page<ModelEntity>> {
    const after = cursor === undefined ? '' : decodeCursor(cursor, z.string());
    const query = this.transactions.manager
      .createQueryBuilder(ModelEntity, 'model')
      .where('model.name like any(:patterns)', { patterns: likePatterns(credential.models) })
      .andWhere('model.name > :after', { after })
      .orderBy('model.name')
      .limit(limit + 1);
    if (search !== undefined) {
      query.andWhere('(model.name ilike :part or model.title ilike :part)', { part: containing(search) });
    }
    if (tag !== undefined) query.andWhere('model.tags @> :tags::jsonb', { tags: JSON.stringify(tagOf(tag)) });
    return pageOf(await query.getMany(), limit, (last) => last.name);
  }

  async get(name: string): Promise<ModelEntity> {
    const model = await this.transactions.manager.findOneBy(ModelEntity, { name });
    if (!model) throw modelNotFound({ model: name });
    return model;
  }

  /** Changes title, description or tags. */
  async describe(name: string, details: ModelDetails, changedBy: string): Promise<ModelEntity> {
    return this.transactions.run(async (manager) => {
      const model = await this.get(name);
      if (Object.keys(details).length === 0) return model;
      await manager.update(ModelEntity, { name }, details);
      await this.outbox.publish({ definition: detailsChanged, data: { modelName: name, changedBy, ...details } });
      return this.get(name);
    });
  }

  /** Makes the model if it is new and takes its next version number; the row lock keeps numbers without gaps. */
  async takeNextVersion(name: string, title: string): Promise<number> {
    return this.transactions.run(async (manager) => {
      const [row] = (await manager.query(
        `insert into models (name, title, latest_version, created_at) values ($1, $2, 1, $3)
         on conflict (name) do update set latest_version = models.latest_version + 1 returning latest_version`,
        [name, title, this.clock.now()],
      )) as [{ latest_version: number }];
      return row.latest_version;
    });
  }
}

/** A pattern for texts with this in them. */
export function containing(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`;
}

/** `team:claims` or `team=claims` as `{team: 'claims'}`. */
export function tagOf(tag: string): Tags {
  const at = tag.search(/[:=]/);
  return { [tag.slice(0, at)]: tag.slice(at + 1) };
}
