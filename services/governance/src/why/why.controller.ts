import { Credential, modelNotAllowed, Roles } from '@bascule/access';
import { entityName } from '@bascule/contracts';
import { ApiBearerAuth, ApiOperation, ApiTags, Problems } from '@bascule/platform';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { z } from 'zod';
import { nothingKnown } from '../errors.js';
import { type WhyAnswer, WhyService } from './why.service.js';

const anyId = z.string().min(1).max(200);
const whyQuery = z.strictObject({
  model: entityName.optional().describe('Takes the id for your own id of a record, for example a claim number.'),
});

@ApiTags('audit')
@ApiBearerAuth()
@Roles('auditor', 'operator', 'approver', 'scientist', 'admin')
@Controller('v1/audit')
export class WhyController {
  constructor(private readonly why: WhyService) {}

  @Get('why/:id')
  @ApiOperation({
    summary:
      'Tells how it came to an event, prediction, run, batch, dataset version, promotion, rollout, model@version, or with model to a record of the client',
  })
  @Problems(modelNotAllowed, nothingKnown)
  async explain(
    @Param('id', { schema: anyId }) id: string,
    @Query({ schema: whyQuery }) { model }: z.infer<typeof whyQuery>,
    @Credential() credential: Credential,
  ): Promise<WhyAnswer> {
    return this.why.explain(id, credential, model);
  }
}
