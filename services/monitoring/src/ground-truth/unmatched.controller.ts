import { type Credential as Caller, Credential, Roles, requireModel } from '@bascule/access';
import { entityName, type Role, uuid } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { ApiOperation, ApiTags } from '@bascule/platform';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { z } from 'zod';
import { selectUnmatched, type Unmatched } from './unmatched.queries.js';

const unmatchedQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  /** What became of one submission. */
  submissionId: uuid.optional(),
});

/** They see everybody's reports; others their own. */
const staff: readonly Role[] = ['operator', 'scientist', 'auditor', 'approver', 'admin'];

const viewOf = (row: Unmatched) => ({
  kind: row.kind,
  submissionId: row.submission_id,
  item: row.item,
  predictionId: row.prediction_id,
  clientRecordId: row.client_record_id,
  keyId: row.key_id,
  reportedBy: row.reported_by,
  receivedAt: row.received_at,
  reason: row.is_of_another_model ? 'the prediction is of another model' : 'no such prediction of this model has arrived',
});

@ApiTags('predictions')
@Controller('v1/models/:model/unmatched')
export class UnmatchedController {
  constructor(private readonly transactions: Transactions) {}

  @Get()
  @Roles('client', 'operator', 'scientist', 'auditor', 'approver', 'admin')
  @ApiOperation({
    summary: 'List labels and decisions reported for a model that belong to none of its predictions, with the reason, newest first',
    description: 'A client sees what it reported itself, under any of its keys.',
  })
  async list(
    @Param('model', { schema: entityName }) model: string,
    @Query({ schema: unmatchedQuery }) { limit, submissionId }: z.infer<typeof unmatchedQuery>,
    @Credential() caller: Caller,
  ): Promise<{ items: ReturnType<typeof viewOf>[] }> {
    requireModel(caller, model);
    const reportedBy = staff.some((role) => caller.roles.includes(role)) ? undefined : caller.identity;
    const found = await selectUnmatched(this.transactions.manager, model, limit, { reportedBy, submissionId });
    return { items: found.map(viewOf) };
  }
}
