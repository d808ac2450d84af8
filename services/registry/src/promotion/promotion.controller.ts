import { Credential, modelNotAllowed, Roles, requireModel } from '@bascule/access';
import { entityName, uuid } from '@bascule/contracts';
import { Idempotent } from '@bascule/database';
import { ApiOperation, ApiResponse, ApiTags, type Page, type PageQuery, Problems, pageQuery } from '@bascule/platform';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import {
  alreadyChampion,
  environmentUnknown,
  gatesFailed,
  notTheRequester,
  overrideNotAllowed,
  promotionDecided,
  promotionNotFound,
  promotionOpen,
  requestNotAllowed,
  versionArchived,
  versionNotFound,
} from '../errors.js';
import { versionParam } from '../versions/versions.schema.js';
import {
  type PromotionBody,
  type PromotionView,
  promotionBody,
  promotionPage,
  promotionSchema,
  promotionView,
  type ReadinessView,
  readinessQuery,
  readinessSchema,
  type WithdrawBody,
  withdrawBody,
} from './promotion.schema.js';
import { PromotionService } from './promotion.service.js';
import { PromotionDecisionService } from './promotion-decision.service.js';
import { PromotionRequestService } from './promotion-request.service.js';

@ApiTags('promotions')
@Controller('v1')
@Roles('scientist', 'approver', 'operator', 'auditor', 'admin')
export class PromotionController {
  constructor(
    private readonly requests: PromotionRequestService,
    private readonly promotions: PromotionService,
    private readonly decisions: PromotionDecisionService,
  ) {}

  @Post('models/:model/versions/:version/promotions')
  @Roles('scientist', 'operator', 'approver', 'admin')
  @Idempotent()
  @ApiOperation({ summary: 'Ask to bring a version into an environment; the gates answer at once, the approvers later' })
  @ApiResponse({ status: 201, standardSchema: promotionSchema })
  @Problems(
    alreadyChampion,
    environmentUnknown,
    gatesFailed,
    overrideNotAllowed,
    promotionNotFound,
    promotionOpen,
    requestNotAllowed,
    versionArchived,
    versionNotFound,
  )
  async request(
    @Credential() credential: Credential,
    @Param('model', { schema: entityName }) model: string,
    @Param('version', { schema: versionParam }) version: number,
    @Body({ schema: promotionBody }) body: PromotionBody,
  ): Promise<PromotionView> {
    requireModel(credential, model);
    return promotionView(await this.requests.request(model, version, body, credential));
  }

  @Get('models/:model/versions/:version/readiness')
  @ApiOperation({ summary: 'Every gate and rule as it would be answered now, without a request' })
  @ApiResponse({ status: 200, standardSchema: readinessSchema })
  @Problems(environmentUnknown, versionArchived, versionNotFound)
  async readiness(
    @Credential() credential: Credential,
    @Param('model', { schema: entityName }) model: string,
    @Param('version', { schema: versionParam }) version: number,
    @Query({ schema: readinessQuery }) { environment }: { environment: string },
  ): Promise<ReadinessView> {
    requireModel(credential, model);
    return this.requests.readiness(model, version, environment);
  }

  @Post('promotions/:promotionId/withdraw')
  @HttpCode(200)
  @Roles('scientist', 'operator', 'approver', 'admin')
  @ApiOperation({ summary: 'Take a request back before its rollout begins: by the requester or an administrator' })
  @ApiResponse({ status: 200, standardSchema: promotionSchema })
  @Problems(modelNotAllowed, notTheRequester, promotionDecided, promotionNotFound)
  async withdraw(
    @Credential() credential: Credential,
    @Param('promotionId', { schema: uuid }) promotionId: string,
    @Body({ schema: withdrawBody }) { reason }: WithdrawBody,
  ): Promise<PromotionView> {
    requireModel(credential, (await this.promotions.get(promotionId)).modelName);
    const isAdmin = credential.roles.includes('admin');
    return promotionView(await this.decisions.withdraw(promotionId, credential.identity, isAdmin, reason));
  }

  @Get('promotions/:promotionId')
  @ApiOperation({ summary: 'One promotion with its gates, votes and outcome' })
  @ApiResponse({ status: 200, standardSchema: promotionSchema })
  @Problems(modelNotAllowed, promotionNotFound)
  async get(@Credential() credential: Credential, @Param('promotionId', { schema: uuid }) promotionId: string): Promise<PromotionView> {
    const promotion = await this.promotions.get(promotionId);
    requireModel(credential, promotion.modelName);
    return promotionView(promotion);
  }

  @Get('models/:model/promotions')
  @ApiOperation({ summary: 'List the promotions of a model, newest first' })
  @ApiResponse({ status: 200, standardSchema: promotionPage })
  async list(
    @Credential() credential: Credential,
    @Param('model', { schema: entityName }) model: string,
    @Query({ schema: pageQuery.strict() }) query: PageQuery,
  ): Promise<Page<PromotionView>> {
    requireModel(credential, model);
    const page = await this.promotions.list(model, query);
    return { items: page.items.map(promotionView), nextCursor: page.nextCursor };
  }
}
