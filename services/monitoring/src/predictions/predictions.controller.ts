import { type Credential as Caller, Credential, modelNotAllowed, Roles, requireModel } from '@bascule/access';
import { entityName, uuid } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { ApiOperation, ApiTags, decodeCursor, type Page, Problems, pageOf, pageQuery } from '@bascule/platform';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { z } from 'zod';
import { predictionNotFound } from '../errors.js';
import { selectDecisions, selectLabels } from '../ground-truth/decisions.queries.js';
import { type PredictionView, predictionViewOf } from './prediction-view.js';
import { type PredictionFilter, type StoredPrediction, selectPredictions } from './predictions.queries.js';

const predictionsQuery = pageQuery
  .extend({
    model: entityName,
    clientRecordId: z.string().min(1).max(200).optional(),
    version: z.coerce.number().int().min(1).optional(),
    order: z.enum(['newest', 'oldest']).default('newest'),
  })
  .strict();
const position = z.object({ receivedAt: z.iso.datetime(), predictionId: z.uuid() });

@ApiTags('predictions')
@Controller('v1/predictions')
export class PredictionsController {
  constructor(private readonly transactions: Transactions) {}

  @Get(':id')
  @Roles('client', 'operator', 'scientist', 'auditor', 'approver', 'admin')
  @ApiOperation({ summary: 'Read a prediction with its label and every decision, each with who reported it' })
  @Problems(modelNotAllowed, predictionNotFound)
  async get(@Param('id', { schema: uuid }) id: string, @Credential() caller: Caller): Promise<PredictionView> {
    const [row] = await selectPredictions(this.transactions.manager, { predictionId: id, order: 'newest', limit: 1 });
    if (!row) throw predictionNotFound({ predictionId: id });
    requireModel(caller, row.model_name);
    const [view] = await this.viewsOf([row]);
    return view!;
  }

  @Get()
  @Roles('client', 'operator', 'scientist', 'auditor', 'approver', 'admin')
  @ApiOperation({ summary: 'List predictions of a model by time of receipt, for example those about one record of the client' })
  @Problems(modelNotAllowed)
  async list(
    @Query({ schema: predictionsQuery }) query: z.infer<typeof predictionsQuery>,
    @Credential() caller: Caller,
  ): Promise<Page<PredictionView>> {
    requireModel(caller, query.model);
    const filter: PredictionFilter = {
      modelName: query.model,
      order: query.order,
      limit: query.limit + 1,
      ...(query.clientRecordId ? { clientRecordId: query.clientRecordId } : {}),
      ...(query.version ? { modelVersion: query.version } : {}),
      ...(query.cursor ? { after: decodeCursor(query.cursor, position) } : {}),
    };
    const rows = await selectPredictions(this.transactions.manager, filter);
    const page = pageOf(rows, query.limit, (last) => ({ receivedAt: last.received_at, predictionId: last.prediction_id }));
    return { ...page, items: await this.viewsOf(page.items) };
  }

  private async viewsOf(rows: readonly StoredPrediction[]): Promise<PredictionView[]> {
    const ids = rows.map((row) => row.prediction_id);
    const labels = new Map((await selectLabels(this.transactions.manager, ids)).map((label) => [label.prediction_id, label]));
    const decisions = Map.groupBy(await selectDecisions(this.transactions.manager, ids), (decision) => decision.prediction_id);
    return rows.map((row) => predictionViewOf(row, labels.get(row.prediction_id), decisions.get(row.prediction_id) ?? []));
  }
}
