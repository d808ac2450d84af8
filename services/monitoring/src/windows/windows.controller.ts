import { type Credential as Caller, Credential, Roles, requireModel } from '@bascule/access';
import { entityName } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { ApiOperation, ApiTags, decodeCursor, type Page, pageOf, pageQuery } from '@bascule/platform';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { z } from 'zod';
import { toTimeWindow, windowAt } from './window.js';

const windowsQuery = pageQuery.extend({ version: z.coerce.number().int().min(1).optional() }).strict();
const position = z.object({ month: z.iso.date(), version: z.int() });

interface Row {
  month: string;
  model_version: number;
  prediction_count: number;
  labelled_count: number;
  is_closed: boolean;
}
const viewOf = (row: Row) => ({
  version: row.model_version,
  grain: 'month',
  window: toTimeWindow(windowAt('month', new Date(`${row.month}T00:00:00Z`))),
  predictionCount: row.prediction_count,
  labelledCount: row.labelled_count,
  status: row.is_closed ? 'closed' : 'open',
});

@ApiTags('windows')
@Controller('v1/models/:model/windows')
export class WindowsController {
  constructor(private readonly transactions: Transactions) {}

  @Get()
  @Roles('operator', 'scientist', 'auditor', 'approver', 'admin')
  @ApiOperation({ summary: 'List the months a model was observed in, newest first' })
  async list(
    @Param('model', { schema: entityName }) model: string,
    @Query({ schema: windowsQuery }) query: z.infer<typeof windowsQuery>,
    @Credential() caller: Caller,
  ): Promise<Page<ReturnType<typeof viewOf>>> {
    requireModel(caller, model);
    const after = query.cursor ? decodeCursor(query.cursor, position) : undefined;
    const rows = (await this.transactions.manager.query(
      `select w.month::text, w.model_version, w.prediction_count, coalesce((w.month + interval '1 month') <= m.watermark, false) as is_closed,
         (select count(distinct prediction_id)::int from labels l where l.model_name = w.model_name and l.model_version = w.model_version
          and l.occurred_at >= w.month and l.occurred_at < w.month + interval '1 month') as labelled_count
       from windows w left join monitored_models m using (model_name)
       where w.model_name = $1 and ($2::int is null or w.model_version = $2)
         and ($3::date is null or (w.month, w.model_version) < ($3, $4::int))
       order by w.month desc, w.model_version desc limit $5`,
      [model, query.version ?? null, after?.month ?? null, after?.version ?? null, query.limit + 1],
    )) as Row[];
    const page = pageOf(rows, query.limit, (last) => ({ month: last.month, version: last.model_version }));
    return { ...page, items: page.items.map(viewOf) };
  }
}
