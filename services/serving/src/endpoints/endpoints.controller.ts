import { Credential, matchesAny, Roles, requireModel } from '@bascule/access';
import { entityName } from '@bascule/contracts';
import { ApiOperation, ApiResponse, ApiTags, decodeCursor, type Page, Problems, pageOf } from '@bascule/platform';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { z } from 'zod';
import { endpointNotFound } from '../errors.js';
import { type EndpointView, endpointPage, endpointViewOf, historyQuery, routingHistory } from './endpoints.schema.js';
import { EndpointsService } from './endpoints.service.js';
import type { RoutingChange } from './routing-change.entity.js';

@ApiTags('endpoints')
@Controller('v1/endpoints')
@Roles('client', 'operator', 'scientist', 'approver', 'auditor', 'admin')
export class EndpointsController {
  constructor(private readonly endpoints: EndpointsService) {}

  /** Lists what serves where now. */
  @Get()
  @ApiOperation({ summary: 'List endpoints with their versions and shares' })
  @ApiResponse({ status: 200, standardSchema: endpointPage })
  async list(@Credential() { models }: Credential): Promise<Page<EndpointView>> {
    const endpoints = await this.endpoints.list();
    const items = endpoints.filter(({ revision, modelName }) => revision > 0 && matchesAny(models, modelName));
    return { items: items.map(endpointViewOf), nextCursor: null };
  }

  /** Answers which version answered with which weight, now or at a time. */
  @Get(':model/history')
  @ApiOperation({ summary: 'Routing history of a model, newest first; with `at` the one change in force then' })
  @ApiResponse({ status: 200, standardSchema: routingHistory })
  @Problems(endpointNotFound)
  async history(
    @Param('model', { schema: entityName }) modelName: string,
    @Query({ schema: historyQuery }) query: z.infer<typeof historyQuery>,
    @Credential() credential: Credential,
  ): Promise<Page<RoutingChange>> {
    requireModel(credential, modelName);
    const { environment, at, limit, cursor } = query;
    if (at !== undefined) return { items: [await this.endpoints.at(modelName, environment, new Date(at))], nextCursor: null };
    const before = cursor === undefined ? 2 ** 31 - 1 : decodeCursor(cursor, z.int().min(0));
    const changes = await this.endpoints.history(modelName, environment, limit + 1, before);
    return pageOf(changes, limit, ({ revision }) => revision);
  }
}
