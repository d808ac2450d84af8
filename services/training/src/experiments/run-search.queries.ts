import type { Credential } from '@bascule/access';
import { Transactions } from '@bascule/database';
import { decodeCursor, type Page, pageOf } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import type { SelectQueryBuilder } from 'typeorm';
import { z } from 'zod';
import { narrowByDatasets } from '../pipelines/pipeline-names.js';
import { RunEntity } from '../runs/run.entity.js';
import type { RunsQuery } from '../runs/runs.schema.js';
import { NarrowRuns } from './narrow-runs.queries.js';
import type { RunFilter } from './run-filter.js';

type Runs = SelectQueryBuilder<RunEntity>;

const orderedCursor = z.tuple([z.number(), z.uuid()]);

/** Finds runs by what they are, had and reached; every page costs the same, however many runs there are. */
@Injectable()
export class RunSearchQueries {
  constructor(
    private readonly transactions: Transactions,
    private readonly narrow: NarrowRuns,
  ) {}

  /** Runs whose model and dataset the credential may touch: newest first, or in the order of a number, those without it left out. */
  async list(query: RunsQuery, credential: Credential): Promise<Page<RunEntity>> {
    const models = await this.narrow.namesOf('model_name', credential.models);
    const datasets = await this.narrow.namesOf('dataset_name', credential.datasets);
    const ids = await this.narrow.find(query, { models, datasets });
    if (ids?.length === 0) return { items: [], nextCursor: null };
    const runs = this.transactions.manager.createQueryBuilder(RunEntity, 'run').limit(query.limit + 1);
    narrowByDatasets(runs, credential);
    if (models) runs.andWhere('run.modelName = any(:models)', { models });
    if (ids) runs.andWhere('run.id = any(:ids)', { ids });
    if (query.pipeline !== undefined) runs.andWhere('run.pipelineName = :pipeline', { pipeline: query.pipeline });
    if (query.model !== undefined) runs.andWhere('run.modelName = :model', { model: query.model });
    if (query.status !== undefined) runs.andWhere('run.status = :status', { status: query.status });
    for (const [at, filter] of query.filter.entries()) addFilter(runs, filter, at);
    return query.sort ? this.inOrder(runs, query, query.sort, ids !== undefined) : this.newestFirst(runs, query);
  }

  private async newestFirst(runs: Runs, { limit, cursor }: RunsQuery): Promise<Page<RunEntity>> {
    if (cursor) runs.andWhere('run.id < :before', { before: decodeCursor(cursor, z.uuid()) });
    return pageOf(await runs.orderBy('run.id', 'DESC').getMany(), limit, (last) => last.id);
  }

  private async inOrder(
    runs: Runs,
    { limit, cursor, pipeline, model }: RunsQuery,
    { kind, name, isDescending }: NonNullable<RunsQuery['sort']>,
    areFew: boolean,
  ) {
    const direction = isDescending ? 'DESC' : 'ASC';
    runs
      .innerJoin('run_values', 'ordered', 'ordered.run_id = run.id and ordered.kind = :orderKind and ordered.name = :orderName', {
        orderKind: kind,
        orderName: name,
      })
      .andWhere('ordered.number is not null')
      .addSelect('ordered.number', 'ordered_number')
      .orderBy('ordered.number', direction)
      .addOrderBy('ordered.run_id', direction);
    // the values of one pipeline, and of one model, lie in their order
    if (pipeline !== undefined && !areFew) runs.andWhere('ordered.pipeline_name = :pipeline');
    else if (model !== undefined && !areFew) runs.andWhere('ordered.model_name = :model');
    if (cursor) {
      const [number, id] = decodeCursor(cursor, orderedCursor);
      runs.andWhere(`(ordered.number, ordered.run_id) ${isDescending ? '<' : '>'} (:number::double precision, :after::uuid)`, {
        number,
        after: id,
      });
    }
    const { entities, raw } = await runs.getRawAndEntities<{ ordered_number: number }>();
    const numbers = new Map(entities.map(({ id }, at) => [id, raw[at]!.ordered_number]));
    return pageOf(entities, limit, (last) => [numbers.get(last.id)!, last.id]);
  }
}

function addFilter(runs: Runs, { kind, name, operator, value }: RunFilter, at: number): void {
  const column = typeof value === 'number' ? 'number' : 'text';
  const type = typeof value === 'number' ? 'double precision' : 'text';
  // asked run by run, in the order of the page (hence the offset): few runs that meet a condition were looked up before
  // `!=` is met by runs that have another value, not by those that have none
  const sql = operator === '!=' ? '<>' : operator;
  runs.andWhere(
    `exists (select 1 from run_values found where found.run_id = run.id and found.kind = :kind${at} and found.name = :name${at}
       and found.${column} ${sql} :value${at}::${type} offset 0)`,
    { [`kind${at}`]: kind, [`name${at}`]: name, [`value${at}`]: value },
  );
}
