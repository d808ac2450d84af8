import { Credential, Roles } from '@bascule/access';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@bascule/platform';
import { Controller, Get, Param } from '@nestjs/common';
import { z } from 'zod';
import { type WhyAnswer, WhyService } from './why.service.js';

const anyId = z.string().min(1).max(200);

@ApiTags('audit')
@ApiBearerAuth()
@Roles('auditor', 'operator', 'approver', 'scientist', 'admin')
@Controller('v1/audit')
export class WhyController {
  constructor(private readonly why: WhyService) {}

  @Get('why/:id')
  @ApiOperation({ summary: 'Tells how it came to an event, prediction, run, batch, dataset version, promotion, rollout or model@version' })
  async explain(@Param('id', { schema: anyId }) id: string, @Credential() credential: Credential): Promise<WhyAnswer> {
    return this.why.explain(id, credential);
  }
}
