import { Credential, Roles, requireModel } from '@bascule/access';
import { entityName, environment, instant } from '@bascule/contracts';
import { ApiOperation, ApiResponse, ApiTags } from '@bascule/platform';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { z } from 'zod';
import { AvailabilityService } from './availability.service.js';
import { budgetLeft } from './error-budget.js';

const availabilityQuery = z.strictObject({
  environment: environment.default('production'),
  days: z.coerce.number().positive().max(90).default(28),
  objective: z.coerce.number().gt(0).lt(1).default(0.999),
});
const availabilitySchema = z
  .object({
    modelName: entityName,
    environment,
    days: z.number(),
    objective: z.number(),
    requestCount: z.int(),
    failedCount: z.int(),
    /** When the first and the last of the counts were made. */
    from: instant.nullable(),
    to: instant.nullable(),
    /** Share of the error budget; null when nothing was counted. */
    budgetLeft: z.number().nullable(),
  })
  .meta({ id: 'Availability' });

@ApiTags('evidence')
@Controller('v1/models/:model/availability')
@Roles('scientist', 'approver', 'operator', 'auditor', 'admin')
export class AvailabilityController {
  constructor(private readonly availability: AvailabilityService) {}

  @Get()
  @ApiOperation({ summary: 'What gateways counted of an endpoint, and the error budget that is left of an objective' })
  @ApiResponse({ status: 200, standardSchema: availabilitySchema })
  async get(
    @Credential() credential: Credential,
    @Param('model', { schema: entityName }) modelName: string,
    @Query({ schema: availabilityQuery }) query: z.infer<typeof availabilityQuery>,
  ): Promise<z.infer<typeof availabilitySchema>> {
    requireModel(credential, modelName);
    const found = await this.availability.find(modelName, query.environment, query.days);
    const { from, to, ...counts } = found;
    const times = { from: from?.toISOString() ?? null, to: to?.toISOString() ?? null };
    return { modelName, ...query, ...counts, ...times, budgetLeft: budgetLeft(found, query.objective) ?? null };
  }
}
