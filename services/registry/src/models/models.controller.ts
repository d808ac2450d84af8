import { Credential, Roles, requireModel } from '@bascule/access';
import { entityName } from '@bascule/contracts';
import { ApiOperation, ApiResponse, ApiTags, type Page, Problems } from '@bascule/platform';
import { Body, Controller, Get, Param, Patch, Query } from '@nestjs/common';
import { AliasesService } from '../aliases/aliases.service.js';
import { modelNotFound } from '../errors.js';
import {
  type ModelDetails,
  type ModelQuery,
  type ModelView,
  modelDetails,
  modelPage,
  modelQuery,
  modelSchema,
  modelView,
} from './models.schema.js';
import { ModelsService } from './models.service.js';

@ApiTags('models')
@Controller('v1/models')
@Roles('scientist', 'approver', 'operator', 'auditor', 'admin')
export class ModelsController {
  constructor(
    private readonly models: ModelsService,
    private readonly aliases: AliasesService,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List registered models with their aliases; search in names and titles, or by a tag' })
  @ApiResponse({ status: 200, standardSchema: modelPage })
  async list(@Credential() credential: Credential, @Query({ schema: modelQuery }) query: ModelQuery): Promise<Page<ModelView>> {
    const page = await this.models.list(credential, query);
    const aliases = await this.aliases.listOf(page.items.map(({ name }) => name));
    return { items: page.items.map((model) => modelView(model, aliases)), nextCursor: page.nextCursor };
  }

  @Get(':model')
  @ApiOperation({ summary: 'One registered model' })
  @ApiResponse({ status: 200, standardSchema: modelSchema })
  @Problems(modelNotFound)
  async get(@Credential() credential: Credential, @Param('model', { schema: entityName }) model: string): Promise<ModelView> {
    requireModel(credential, model);
    return modelView(await this.models.get(model), await this.aliases.listOf([model]));
  }

  @Patch(':model')
  @Roles('scientist', 'admin')
  @ApiOperation({ summary: 'Change title, description or tags of a model; what is left out stays' })
  @ApiResponse({ status: 200, standardSchema: modelSchema })
  @Problems(modelNotFound)
  async describe(
    @Credential() credential: Credential,
    @Param('model', { schema: entityName }) model: string,
    @Body({ schema: modelDetails }) details: ModelDetails,
  ): Promise<ModelView> {
    requireModel(credential, model);
    return modelView(await this.models.describe(model, details, credential.identity), await this.aliases.listOf([model]));
  }
}
