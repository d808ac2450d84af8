import { type Credential, likePatterns } from '@bascule/access';
import { detailsChanged } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { decodeCursor, type Page, pageOf } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import type { SelectQueryBuilder } from 'typeorm';
import { z } from 'zod';
import { versionNotFound } from '../errors.js';
import { containing, tagOf } from '../models/models.service.js';
import { canMoveStage, type Stage } from '../promotion/stage.js';
import { overridesOf } from './overrides.queries.js';
import { VersionEntity } from './version.entity.js';
import { type VersionDetails, type VersionQuery, type VersionView, versionView } from './versions.schema.js';

/** Reads versions and moves their stage. */
@Injectable()
export class VersionsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
  ) {}

  /** Versions of a model, newest first. */
  async list(modelName: string, { limit, cursor, ...filters }: VersionQuery): Promise<Page<VersionEntity>> {
    const before = cursor === undefined ? 2_147_483_647 : decodeCursor(cursor, z.int());
    const query = this.transactions.manager
      .createQueryBuilder(VersionEntity, 'version')
      .where('version.modelName = :modelName and version.version < :before', { modelName, before })
      .orderBy('version.version', 'DESC')
      .limit(limit + 1);
    return pageOf(await filtered(query, filters).getMany(), limit, (last) => last.version);
  }

  /** Versions of all models the credential may touch, the last registered first. */
  async search(credential: Credential, { limit, cursor, ...filters }: VersionQuery): Promise<Page<VersionEntity>> {
    const before = cursor === undefined ? '9223372036854775807' : decodeCursor(cursor, z.string().regex(/^\d{1,19}$/));
    const query = this.transactions.manager
      .createQueryBuilder(VersionEntity, 'version')
      .where('version.sequence < :before', { before })
      // by CASE: the planner guesses that a pattern fits few rows, and would read and sort the whole table
      .andWhere('case when version.modelName like any(:patterns) then true else false end', { patterns: likePatterns(credential.models) })
      .orderBy('version.sequence', 'DESC')
      .limit(limit + 1);
    return pageOf(await filtered(query, filters).getMany(), limit, (last) => last.sequence);
  }

  /** Changes description or tags. */
  async describe(modelName: string, version: number, details: VersionDetails, changedBy: string): Promise<VersionEntity> {
    return this.transactions.run(async (manager) => {
      const found = await this.get(modelName, version);
      if (Object.keys(details).length === 0) return found;
      await manager.update(VersionEntity, { modelName, version }, details);
      await this.outbox.publish({ definition: detailsChanged, data: { modelName, version, changedBy, ...details } });
      return this.get(modelName, version);
    });
  }

  async get(modelName: string, version: number): Promise<VersionEntity> {
    const found = await this.transactions.manager.findOneBy(VersionEntity, { modelName, version });
    if (!found) throw versionNotFound({ model: modelName, version });
    return found;
  }

  /** Versions as the API shows them. */
  async views(versions: readonly VersionEntity[]): Promise<VersionView[]> {
    const overrides = await overridesOf(this.transactions.manager, versions);
    return versions.map((version, index) => versionView(version, overrides[index]));
  }

  /** One version as the API shows it. */
  async view(version: VersionEntity): Promise<VersionView> {
    const [overrides] = await overridesOf(this.transactions.manager, [version]);
    return versionView(version, overrides);
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

function filtered(
  query: SelectQueryBuilder<VersionEntity>,
  { stage, source, search, tag, artifactDigest, datasetVersion }: Omit<VersionQuery, 'limit' | 'cursor'>,
): SelectQueryBuilder<VersionEntity> {
  if (stage !== undefined) query.andWhere('version.stage = :stage', { stage });
  if (source !== undefined) query.andWhere('version.source = :source', { source });
  if (artifactDigest !== undefined) query.andWhere('version.artifactDigest = :artifactDigest', { artifactDigest });
  if (datasetVersion !== undefined) query.andWhere('version.datasetVersion = :datasetVersion', { datasetVersion });
  if (search !== undefined)
    query.andWhere('(version.modelName ilike :part or version.description ilike :part)', { part: containing(search) });
  if (tag !== undefined) query.andWhere('version.tags @> :tags::jsonb', { tags: JSON.stringify(tagOf(tag)) });
  return query;
}
