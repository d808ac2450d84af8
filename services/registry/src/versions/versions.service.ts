import { Transactions } from '@bascule/database';
import { decodeCursor, type Page, type PageQuery, pageOf } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { versionNotFound } from '../errors.js';
import { canMoveStage, type Stage } from '../promotion/stage.js';
import { VersionEntity } from './version.entity.js';

/** Reads versions and moves their stage. */
@Injectable()
export class VersionsService {
  constructor(private readonly transactions: Transactions) {}

  /** Versions of a model, newest first. */
  async list(modelName: string, { limit, cursor }: PageQuery): Promise<Page<VersionEntity>> {
    const before = cursor === undefined ? 2_147_483_647 : decodeCursor(cursor, z.int());
    const versions = await this.transactions.manager
      .createQueryBuilder(VersionEntity, 'version')
      .where('version.modelName = :modelName and version.version < :before', { modelName, before })
      .orderBy('version.version', 'DESC')
      .limit(limit + 1)
      .getMany();
    return pageOf(versions, limit, (last) => last.version);
  }

  async get(modelName: string, version: number): Promise<VersionEntity> {
    const found = await this.transactions.manager.findOneBy(VersionEntity, { modelName, version });
    if (!found) throw versionNotFound({ model: modelName, version });
    return found;
  }

  async findByRun(runId: string): Promise<VersionEntity | undefined> {
    return (await this.transactions.manager.findOneBy(VersionEntity, { runId })) ?? undefined;
  }

  /** Moves the stage if the table of moves allows it; a version that is there already stays. */
  async moveStage(modelName: string, version: number, to: Stage): Promise<void> {
    const found = await this.get(modelName, version);
    if (found.stage === to || !canMoveStage(found.stage, to)) return;
    await this.transactions.run((manager) => manager.update(VersionEntity, { modelName, version }, { stage: to }));
  }
}
