import { likePatterns, matchesAny } from '@bascule/access';
import { Transactions } from '@bascule/database';
import { Injectable } from '@nestjs/common';
import type { RunsQuery } from '../runs/runs.schema.js';
import type { RunFilter } from './run-filter.js';

/** Sets of runs up to this size are read as a whole; of larger ones a page is found on the way, among few others. */
const fewRuns = 2_000;

interface Condition {
  readonly sql: string;
  readonly values: readonly unknown[];
}

/** Names that the runs a key may see must have; undefined where any will do. */
export interface AllowedNames {
  readonly models: readonly string[] | undefined;
  readonly datasets: readonly string[] | undefined;
}

/**
 * Looks for the condition of a query that few runs meet. The database cannot know which one that is: its statistics mix the values of
 * all metrics and parameters.
 */
@Injectable()
export class NarrowRuns {
  constructor(private readonly transactions: Transactions) {}

  /** The runs that meet the narrowest condition, when they are few; undefined when all conditions are wide. */
  async find(query: RunsQuery, allowed: AllowedNames): Promise<string[] | undefined> {
    let narrowest: string[] | undefined;
    for (const { sql, values } of conditionsOf(query, allowed)) {
      const ids = await this.idsOf(sql, values);
      if (ids.length <= fewRuns && ids.length < (narrowest?.length ?? Number.POSITIVE_INFINITY)) narrowest = ids;
      if (narrowest?.length === 0) break;
    }
    return narrowest;
  }

  /**
   * Names of models, or of datasets, that have runs and fit one of the patterns; undefined where every name does. Each costs one look
   * into the index, however many runs it has.
   */
  async namesOf(column: 'model_name' | 'dataset_name', patterns: readonly string[]): Promise<string[] | undefined> {
    if (matchesAny(patterns, '*')) return undefined;
    const rows: { name: string }[] = await this.transactions.manager.query(
      `with recursive names as (
         select min(${column}) as name from runs
         union all select (select min(${column}) from runs where ${column} > names.name) from names where names.name is not null)
       select name from names where name like any($1)`,
      [likePatterns(patterns)],
    );
    return rows.map(({ name }) => name);
  }

  private async idsOf(sql: string, values: readonly unknown[]): Promise<string[]> {
    const rows: { id: string }[] = await this.transactions.manager.query(`${sql} limit ${fewRuns + 1}`, [...values]);
    return rows.map(({ id }) => id);
  }
}

function conditionsOf({ pipeline, model, status, filter, sort }: RunsQuery, { models, datasets }: AllowedNames): Condition[] {
  const ofRuns: [string, unknown][] = [];
  if (pipeline !== undefined) ofRuns.push(['pipeline_name = $', pipeline]);
  if (model !== undefined) ofRuns.push(['model_name = $', model]);
  if (status !== undefined) ofRuns.push(['status = $', status]);
  const isNarrowKey = models !== undefined || datasets !== undefined;
  if (models !== undefined) ofRuns.push(['model_name = any($', models]);
  if (datasets !== undefined) ofRuns.push(['dataset_name = any($', datasets]);
  const filters = filter.filter(({ operator }) => operator !== '!=').map(conditionOf);
  if (ofRuns.length === 0) return filters;
  // there are indexes that hold the runs of a pipeline and of a model, of any status or of one, in their order
  if (filters.length === 0 && sort === undefined && !isNarrowKey) return [];
  // what the database knows of these it may combine
  const sql = ofRuns.map(([text], at) => `${text}${at + 1}${text.endsWith('($') ? ')' : ''}`).join(' and ');
  return [...filters, { sql: `select id from runs where ${sql}`, values: ofRuns.map(([, value]) => value) }];
}

function conditionOf({ kind, name, operator, value }: RunFilter): Condition {
  const [column, type] = typeof value === 'number' ? ['number', 'double precision'] : ['text', 'text'];
  return {
    sql: `select run_id as id from run_values where kind = $1 and name = $2 and ${column} ${operator} $3::${type}`,
    values: [kind, name, value],
  };
}
