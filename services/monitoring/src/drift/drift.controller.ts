import { type Credential as Caller, Credential, Roles, requireModel } from '@bascule/access';
import { entityName } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { ApiOperation, ApiTags, decodeCursor, type Page, pageOf, pageQuery } from '@bascule/platform';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { z } from 'zod';
import { type BrokenRow, brokenViewOf, type DriftRow, driftViewOf } from './drift-view.js';

const version = z.coerce.number().int().min(1).optional();
const driftQuery = pageQuery.extend({ version, grain: z.enum(['month', 'year']).optional() }).strict();
const brokenQuery = pageQuery.extend({ version }).strict();

@ApiTags('drift')
@Controller('v1/models/:model')
export class DriftController {
  constructor(private readonly transactions: Transactions) {}

  @Get('drift')
  @Roles('operator', 'scientist', 'auditor', 'approver', 'admin')
  @ApiOperation({ summary: 'List drift reports per window, oldest window first, with score, noise, threshold and reasons per feature' })
  async drift(
    @Param('model', { schema: entityName }) model: string,
    @Query({ schema: driftQuery }) query: z.infer<typeof driftQuery>,
    @Credential() caller: Caller,
  ): Promise<Page<ReturnType<typeof driftViewOf>>> {
    requireModel(caller, model);
    const after = query.cursor ? decodeCursor(query.cursor, z.tuple([z.string(), z.string(), z.int()])) : [null, null, null];
    const rows = (await this.transactions.manager.query(
      `select r.*, (select json_agg(f order by f.score desc) from drift_features f where f.model_name = r.model_name
         and f.model_version = r.model_version and f.grain = r.grain and f.window_from = r.window_from) as features
       from drift_reports r where r.model_name = $1 and ($2::int is null or r.model_version = $2) and ($3::text is null or r.grain = $3)
         and ($4::timestamptz is null or (r.window_from, r.grain, r.model_version) > ($4, $5, $6::int))
       order by r.window_from, r.grain, r.model_version limit $7`,
      [model, query.version ?? null, query.grain ?? null, ...after, query.limit + 1],
    )) as DriftRow[];
    const page = pageOf(rows, query.limit, (last) => [last.window_from, last.grain, last.model_version]);
    return { ...page, items: page.items.map(driftViewOf) };
  }

  @Get('broken-features')
  @Roles('operator', 'scientist', 'auditor', 'approver', 'admin')
  @ApiOperation({ summary: 'List features found broken, newest first' })
  async brokenFeatures(
    @Param('model', { schema: entityName }) model: string,
    @Query({ schema: brokenQuery }) query: z.infer<typeof brokenQuery>,
    @Credential() caller: Caller,
  ): Promise<Page<ReturnType<typeof brokenViewOf>>> {
    requireModel(caller, model);
    const before = query.cursor ? decodeCursor(query.cursor, z.uuid()) : null;
    const rows = (await this.transactions.manager.query(
      `select *, month::text as month from broken_features where model_name = $1 and ($2::int is null or model_version = $2)
         and ($3::uuid is null or report_id < $3) order by report_id desc limit $4`,
      [model, query.version ?? null, before, query.limit + 1],
    )) as BrokenRow[];
    const page = pageOf(rows, query.limit, (last) => last.report_id);
    return { ...page, items: page.items.map(brokenViewOf) };
  }
}
