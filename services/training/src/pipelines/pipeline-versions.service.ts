import { Transactions } from '@bascule/database';
import { Clock, decodeCursor, type Page, type PageQuery, pageOf } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { LessThan } from 'typeorm';
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

  /** Versions of a pipeline, newest first. */
  async list(pipelineName: string, { limit, cursor }: PageQuery): Promise<Page<PipelineVersionEntity>> {
    const before = cursor ? { version: LessThan(decodeCursor(cursor, z.int())) } : {};
    const rows = await this.transactions.manager.find(PipelineVersionEntity, {
      where: { pipelineName, ...before },
      order: { version: 'DESC' },
      take: limit + 1,
    });
    return pageOf(rows, limit, (last) => last.version);
  }
}
