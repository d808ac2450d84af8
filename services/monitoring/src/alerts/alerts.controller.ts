import { type Credential as Caller, Credential, modelNotAllowed, Roles, requireModel } from '@bascule/access';
import { entityName } from '@bascule/contracts';
import { ApiOperation, ApiTags, decodeCursor, type Page, Problems, pageOf, pageQuery } from '@bascule/platform';
import { Controller, Get, Query } from '@nestjs/common';
import { z } from 'zod';
import { type AlertRow, AlertsService } from './alerts.service.js';

const alertsQuery = pageQuery.extend({ model: entityName.optional(), status: z.enum(['open', 'resolved']).optional() }).strict();
type AlertsQuery = z.infer<typeof alertsQuery>;

const viewOf = (row: AlertRow) => ({
  alertId: row.alert_id,
  modelName: row.model_name,
  rule: row.rule,
  key: row.key,
  severity: row.severity,
  message: row.message,
  status: row.resolved_at ? 'resolved' : 'open',
  raisedAt: row.raised_at,
  resolvedAt: row.resolved_at,
  resolution: row.resolution,
});

@ApiTags('alerts')
@Controller('v1/alerts')
export class AlertsController {
  constructor(private readonly alerts: AlertsService) {}

  @Get()
  @Roles('operator', 'scientist', 'auditor', 'approver', 'admin')
  @ApiOperation({ summary: 'List alerts, newest first' })
  @Problems(modelNotAllowed)
  async list(@Query({ schema: alertsQuery }) query: AlertsQuery, @Credential() caller: Caller): Promise<Page<ReturnType<typeof viewOf>>> {
    if (query.model) requireModel(caller, query.model);
    const rows = await this.alerts.list({
      modelName: query.model,
      models: caller.models,
      isOpen: query.status && query.status === 'open',
      before: query.cursor ? decodeCursor(query.cursor, z.uuid()) : undefined,
      limit: query.limit + 1,
    });
    const page = pageOf(rows, query.limit, (last) => last.alert_id);
    return { ...page, items: page.items.map(viewOf) };
  }
}
