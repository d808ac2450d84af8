import { Credential, Roles, requireModel } from '@bascule/access';
import { entityName } from '@bascule/contracts';
import { ApiOperation, ApiResponse, ApiTags, type Page, type PageQuery, pageQuery } from '@bascule/platform';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { AliasesService } from '../aliases/aliases.service.js';
import { type ModelView, modelPage, modelSchema, modelView } from './models.schema.js';
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
  @ApiOperation({ summary: 'List registered models with their aliases' })
  @ApiResponse({ status: 200, standardSchema: modelPage })
  async list(@Credential() credential: Credential, @Query({ schema: pageQuery }) query: PageQuery): Promise<Page<ModelView>> {
    const page = await this.models.list(credential, query);
    const aliases = await this.aliases.listOf(page.items.map(({ name }) => name));
    return { items: page.items.map((model) => modelView(model, aliases)), nextCursor: page.nextCursor };
  }

  @Get(':model')
  @ApiOperation({ summary: 'One registered model' })
  @ApiResponse({ status: 200, standardSchema: modelSchema })
  async get(@Credential() credential: Credential, @Param('model', { schema: entityName }) model: string): Promise<ModelView> {
    requireModel(credential, model);
    return modelView(await this.models.get(model), await this.aliases.listOf([model]));
  }
}
