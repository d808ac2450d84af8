import { Credential, Roles, requireModel } from '@bascule/access';
import { entityName } from '@bascule/contracts';
import { ApiOperation, ApiResponse, ApiTags, type Page, type PageQuery, Problems, pageQuery } from '@bascule/platform';
import { Body, Controller, Get, Param, Put, Query } from '@nestjs/common';
import { environmentUnknown } from '../errors.js';
import { PoliciesService } from './policies.service.js';
import { type PolicyBody, type PolicyView, policyBody, policyPage, policySchema, policyView } from './policy.schema.js';

@ApiTags('promotions')
@Controller('v1/models/:model/promotion-policy')
@Roles('scientist', 'approver', 'operator', 'auditor', 'admin')
export class PoliciesController {
  constructor(private readonly policies: PoliciesService) {}

  @Get()
  @ApiOperation({ summary: 'What versions of a model have to show to be promoted' })
  @ApiResponse({ status: 200, standardSchema: policySchema })
  async get(@Credential() credential: Credential, @Param('model', { schema: entityName }) model: string): Promise<PolicyView> {
    requireModel(credential, model);
    return policyView(model, await this.policies.find(model));
  }

  @Get('history')
  @ApiOperation({ summary: 'Every revision of the policy, newest first' })
  @ApiResponse({ status: 200, standardSchema: policyPage })
  async history(
    @Credential() credential: Credential,
    @Param('model', { schema: entityName }) model: string,
    @Query({ schema: pageQuery.strict() }) query: PageQuery,
  ): Promise<Page<PolicyView>> {
    requireModel(credential, model);
    const page = await this.policies.history(model, query);
    return { items: page.items.map((held) => policyView(model, held)), nextCursor: page.nextCursor };
  }

  @Put()
  @Roles('approver', 'admin')
  @ApiOperation({
    summary: 'Set what versions of a model have to show to be promoted; open promotions are decided by it, too',
  })
  @ApiResponse({ status: 200, standardSchema: policySchema })
  @Problems(environmentUnknown)
  async set(
    @Credential() credential: Credential,
    @Param('model', { schema: entityName }) model: string,
    @Body({ schema: policyBody }) { policy, reason }: PolicyBody,
  ): Promise<PolicyView> {
    requireModel(credential, model);
    return policyView(model, await this.policies.set(model, policy, credential.identity, reason));
  }
}
