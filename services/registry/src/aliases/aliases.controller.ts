import { Credential, Roles, requireModel } from '@bascule/access';
import { entityName } from '@bascule/contracts';
import { ApiOperation, ApiResponse, ApiTags, Clock, type Page, Problems } from '@bascule/platform';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { aliasNotFound, nothingInProduction } from '../errors.js';
import {
  type AliasesQuery,
  type AliasMoveView,
  type AliasQuery,
  type AliasView,
  aliasesQuery,
  aliasMovePage,
  aliasMoveSchema,
  aliasMoveView,
  aliasPage,
  aliasQuery,
  aliasView,
  type HistoryQuery,
  historyQuery,
  type ProductionQuery,
  productionQuery,
} from './aliases.schema.js';
import { AliasesService, champion } from './aliases.service.js';

@ApiTags('aliases')
@Controller('v1/models/:model')
@Roles('scientist', 'approver', 'operator', 'auditor', 'admin')
export class AliasesController {
  constructor(
    private readonly aliases: AliasesService,
    private readonly clock: Clock,
  ) {}

  @Get('aliases')
  @ApiOperation({ summary: 'Where the aliases of a model point now' })
  @ApiResponse({ status: 200, standardSchema: aliasPage })
  async list(
    @Credential() credential: Credential,
    @Param('model', { schema: entityName }) model: string,
    @Query({ schema: aliasesQuery }) { environment }: AliasesQuery,
  ): Promise<Page<AliasView>> {
    requireModel(credential, model);
    const all = (await this.aliases.listOf([model])).map(aliasView);
    return { items: all.filter((alias) => environment === undefined || alias.environment === environment), nextCursor: null };
  }

  @Get('aliases/:alias/history')
  @ApiOperation({ summary: 'Where an alias pointed when, newest first' })
  @ApiResponse({ status: 200, standardSchema: aliasMovePage })
  @Problems(aliasNotFound)
  async history(
    @Credential() credential: Credential,
    @Param('model', { schema: entityName }) model: string,
    @Param('alias', { schema: entityName }) alias: string,
    @Query({ schema: historyQuery }) query: HistoryQuery,
  ): Promise<Page<AliasMoveView>> {
    requireModel(credential, model);
    const page = await this.aliases.history(model, alias, query.environment, query);
    return { items: page.items.map(aliasMoveView), nextCursor: page.nextCursor };
  }

  @Get('aliases/:alias')
  @ApiOperation({ summary: 'Where an alias pointed at a moment, by whom and on what evidence; now when `at` is left out' })
  @ApiResponse({ status: 200, standardSchema: aliasMoveSchema })
  @Problems(aliasNotFound)
  async at(
    @Credential() credential: Credential,
    @Param('model', { schema: entityName }) model: string,
    @Param('alias', { schema: entityName }) alias: string,
    @Query({ schema: aliasQuery }) { environment, at }: AliasQuery,
  ): Promise<AliasMoveView> {
    requireModel(credential, model);
    const move = await this.aliases.at({ modelName: model, environment, alias }, at === undefined ? this.clock.now() : new Date(at));
    if (!move) throw aliasNotFound({ model, alias, environment, ...(at === undefined ? {} : { at }) });
    return aliasMoveView(move);
  }

  @Get('production')
  @ApiOperation({ summary: 'The version that was in production at a moment; now when `at` is left out' })
  @ApiResponse({ status: 200, standardSchema: aliasMoveSchema })
  @Problems(nothingInProduction)
  async production(
    @Credential() credential: Credential,
    @Param('model', { schema: entityName }) model: string,
    @Query({ schema: productionQuery }) { at }: ProductionQuery,
  ): Promise<AliasMoveView> {
    requireModel(credential, model);
    const moment = at === undefined ? this.clock.now() : new Date(at);
    const move = await this.aliases.at({ modelName: model, environment: 'production', alias: champion }, moment);
    if (!move) throw nothingInProduction({ model, at: moment.toISOString() });
    return aliasMoveView(move);
  }
}
