import { type Credential, likePatterns } from '@bascule/access';
import { Transactions } from '@bascule/database';
import { Clock, decodeCursor, type Page, type PageQuery, pageOf } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { pipelineVersionNotFound } from '../errors.js';
import { PipelineVersionEntity } from './pipeline-version.entity.js';
import type { PipelineBody } from './pipelines.schema.js';

export interface WrittenBy {
  readonly identity: string;
  /** The YAML it was written in. */
  readonly source?: string | undefined;
}

/** What pipelines were at any time. */
@Injectable()
export class PipelineVersionsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  async add(pipelineName: string, version: number, document: PipelineBody, { identity, source }: WrittenBy): Promise<void> {
    const entity = { pipelineName, version, document, source: source ?? null, createdBy: identity, createdAt: this.clock.now() };
    await this.transactions.manager.insert(PipelineVersionEntity, entity);
  }

  /** True when a version says just this, in whatever form it was written. */
  async isSame(pipelineName: string, version: number, document: PipelineBody): Promise<boolean> {
    const [row]: { same: boolean }[] = await this.transactions.manager.query(
      'select document = $3::jsonb as same from pipeline_versions where pipeline_name = $1 and version = $2',
      [pipelineName, version, JSON.stringify(document)],
    );
    return row?.same ?? false;
  }

  async get(pipelineName: string, version: number): Promise<PipelineVersionEntity> {
    const found = await this.transactions.manager.findOneBy(PipelineVersionEntity, { pipelineName, version });
    if (!found) throw pipelineVersionNotFound({ name: pipelineName, version });
    return found;
  }

  /** Versions of a pipeline, newest first; those left out that were about a model or dataset the credential may not touch. */
  async list(pipelineName: string, { limit, cursor }: PageQuery, { models, datasets }: Credential): Promise<Page<PipelineVersionEntity>> {
    const query = this.transactions.manager
      .createQueryBuilder(PipelineVersionEntity, 'version')
      .where('version.pipelineName = :pipelineName', { pipelineName })
      .andWhere(`version.document ->> 'modelName' like any(:models)`, { models: likePatterns(models) })
      .andWhere(`version.document ->> 'datasetName' like any(:datasets)`, { datasets: likePatterns(datasets) })
      .andWhere(`coalesce(version.document ->> 'evaluationDatasetName', version.document ->> 'datasetName') like any(:datasets)`)
      .orderBy('version.version', 'DESC')
      .limit(limit + 1);
    if (cursor) query.andWhere('version.version < :before', { before: decodeCursor(cursor, z.int()) });
    return pageOf(await query.getMany(), limit, (last) => last.version);
  }
}
