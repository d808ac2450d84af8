import { type Credential, likePatterns } from '@bascule/access';
import { Transactions } from '@bascule/database';
import { Clock, decodeCursor, type Page, type PageQuery, pageOf } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { modelNotFound } from '../errors.js';
import { ModelEntity } from './model.entity.js';

/** Registered models; a model comes into being with its first version. */
@Injectable()
export class ModelsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /** Models the credential may touch, by name. */
  async list(credential: Credential, { limit, cursor }: PageQuery): Promise<Page<ModelEntity>> {
    const after = cursor === undefined ? '' : decodeCursor(cursor, z.string());
    const models = await this.transactions.manager
      .createQueryBuilder(ModelEntity, 'model')
      .where('model.name like any(:patterns)', { patterns: likePatterns(credential.models) })
      .andWhere('model.name > :after', { after })
      .orderBy('model.name')
      .limit(limit + 1)
      .getMany();
    return pageOf(models, limit, (last) => last.name);
  }

  async get(name: string): Promise<ModelEntity> {
    const model = await this.transactions.manager.findOneBy(ModelEntity, { name });
    if (!model) throw modelNotFound({ model: name });
    return model;
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
