import { type Credential as Caller, Credential, Roles, requireModel } from '@bascule/access';
import { entityName } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { ApiOperation, ApiTags, decodeCursor, type Page, pageOf, pageQuery } from '@bascule/platform';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { z } from 'zod';
import { toTimeWindow } from '../windows/window.js';

const performanceQuery = pageQuery.extend({ version: z.coerce.number().int().min(1).optional() }).strict();

interface Row {
  report_id: string;
  model_version: number;
  window_from: Date;
  window_to: Date;
  labelled_count: number;
  selections: Record<string, number> | null;
  evaluated_at: Date;
  metrics: { metric: string; verdict: string; value: number; reference: number; standard_error: number; reasons: string[] }[] | null;
}
const viewOf = (row: Row) => ({
  reportId: row.report_id,
  version: row.model_version,
  grain: 'year',
  window: toTimeWindow({ from: row.window_from, to: row.window_to }),
  labelledCount: row.labelled_count,
  /** Labels by how their cases were selected: a score over cases that the model picked says little about the others. */
  labelSelections: row.selections ?? {},
  evaluatedAt: row.evaluated_at,
  metrics: (row.metrics ?? []).map(({ metric, verdict, value, reference, standard_error, reasons }) => ({
    metric,
    verdict,
    value,
    reference,
    standardError: standard_error,
    reasons,
  })),
});

@ApiTags('performance')
@Controller('v1/models/:model/performance')
export class PerformanceController {
  constructor(private readonly transactions: Transactions) {}

  @Get()
  @Roles('operator', 'scientist', 'auditor', 'approver', 'admin')
  @ApiOperation({ summary: 'List how a model did on labelled predictions per year, oldest first, against its hold-out' })
  async list(
    @Param('model', { schema: entityName }) model: string,
    @Query({ schema: performanceQuery }) query: z.infer<typeof performanceQuery>,
    @Credential() caller: Caller,
  ): Promise<Page<ReturnType<typeof viewOf>>> {
    requireModel(caller, model);
    const after = query.cursor ? decodeCursor(query.cursor, z.tuple([z.string(), z.int()])) : [null, null];
    const rows = (await this.transactions.manager.query(
      `select e.*, (select json_agg(r order by r.metric) from performance_reports r where r.model_name = e.model_name
         and r.model_version = e.model_version and r.window_from = e.window_from) as metrics,
         (select json_object_agg(selection, labels) from (
            select selection, count(*)::int as labels from labels l where l.model_name = e.model_name and l.model_version = e.model_version
              and l.occurred_at >= e.window_from and l.occurred_at < e.window_to
              and not exists (select 1 from labels n where n.prediction_id = l.prediction_id and n.revision > l.revision)
            group by selection) counted) as selections
       from performance_evaluations e where e.model_name = $1 and ($2::int is null or e.model_version = $2)
         and ($3::timestamptz is null or (e.window_from, e.model_version) > ($3, $4::int))
       order by e.window_from, e.model_version limit $5`,
      [model, query.version ?? null, ...after, query.limit + 1],
    )) as Row[];
    const page = pageOf(rows, query.limit, (last) => [last.window_from, last.model_version]);
    return { ...page, items: page.items.map(viewOf) };
  }
}
