import { type Credential as Caller, Credential, Roles, requireModel } from '@bascule/access';
import { entityName } from '@bascule/contracts';
import { ApiOperation, ApiTags, Problems } from '@bascule/platform';
import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { modelNotFound } from '../errors.js';
import { PoliciesService, type PolicyView } from './policies.service.js';
import { type MonitoringPolicy, newMonitoringPolicy } from './policy.js';

@ApiTags('policy')
@Controller('v1/models/:model/policy')
export class PoliciesController {
  constructor(private readonly policies: PoliciesService) {}

  @Get()
  @Roles('operator', 'scientist', 'auditor', 'approver', 'admin')
  @ApiOperation({ summary: 'Read what counts as drift, fault, decay and harm for a model' })
  @Problems(modelNotFound)
  async get(@Param('model', { schema: entityName }) model: string, @Credential() caller: Caller): Promise<PolicyView> {
    requireModel(caller, model);
    if (!(await this.policies.isKnown(model))) throw modelNotFound({ model });
    return this.policies.get(model);
  }

  @Put()
  @Roles('operator', 'scientist', 'admin')
  @ApiOperation({
    summary: 'Replace the whole policy. May come before the model',
    description:
      'The body is the policy itself. What is left out gets its default, also what was set before: read the policy, change it, send all of it. A setting that does not exist is refused, at any level.',
  })
  async set(
    @Param('model', { schema: entityName }) model: string,
    @Body({ schema: newMonitoringPolicy }) body: MonitoringPolicy,
    @Credential() caller: Caller,
  ): Promise<PolicyView> {
    requireModel(caller, model);
    return this.policies.set(model, body, caller.identity);
  }
}
