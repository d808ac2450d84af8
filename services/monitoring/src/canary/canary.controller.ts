import { type Credential as Caller, Credential, modelNotAllowed, Roles, requireModel } from '@bascule/access';
import { uuid } from '@bascule/contracts';
import { ApiOperation, ApiTags, decodeCursor, type Page, Problems, pageOf, pageQuery } from '@bascule/platform';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { z } from 'zod';
import { rolloutNotFound } from '../errors.js';
import { type Comparison, RolloutComparisons } from './rollout-comparisons.service.js';
import { type JudgementRow, RolloutsService } from './rollouts.service.js';

const judgementsQuery = pageQuery.extend({ order: z.enum(['newest', 'oldest']).default('oldest') }).strict();
type JudgementsQuery = z.infer<typeof judgementsQuery>;

const viewOf = (row: JudgementRow) => ({
  judgementId: row.judgement_id,
  step: row.step,
  verdict: row.verdict,
  reasons: row.reasons,
  evidence: row.evidence,
  judgedAt: row.judged_at,
});

@ApiTags('canary')
@Controller('v1/rollouts')
export class CanaryController {
  constructor(
    private readonly rollouts: RolloutsService,
    private readonly comparisons: RolloutComparisons,
  ) {}

  @Get(':id/judgements')
  @Roles('operator', 'scientist', 'auditor', 'approver', 'admin')
  @ApiOperation({
    summary:
      'List the verdicts on a rollout, and what its steps waited for, with reasons and evidence; oldest first unless asked otherwise',
  })
  @Problems(modelNotAllowed, rolloutNotFound)
  async judgements(
    @Param('id', { schema: uuid }) id: string,
    @Query({ schema: judgementsQuery }) { order, limit, cursor }: JudgementsQuery,
    @Credential() caller: Caller,
  ): Promise<Page<ReturnType<typeof viewOf>>> {
    const last = cursor ? decodeCursor(cursor, z.uuid()) : undefined;
    const { modelName, rows } = await this.rollouts.judgements(id, order, last, limit + 1);
    requireModel(caller, modelName);
    const page = pageOf(rows, limit, (last) => last.judgement_id);
    return { ...page, items: page.items.map(viewOf) };
  }
  @Get(':id/comparison')
  @Roles('operator', 'scientist', 'auditor', 'approver', 'admin')
  @ApiOperation({ summary: 'Both versions of a rollout side by side: how they stood over time, their latencies and outputs' })
  @Problems(modelNotAllowed, rolloutNotFound)
  async compare(@Param('id', { schema: uuid }) id: string, @Credential() caller: Caller): Promise<Comparison> {
    const comparison = await this.comparisons.of(id);
    requireModel(caller, comparison.modelName);
    return comparison;
  }
}
