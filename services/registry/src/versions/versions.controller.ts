import { Credential, Roles, requireModel } from '@bascule/access';
import { entityName } from '@bascule/contracts';
import { Idempotent } from '@bascule/database';
import { ApiOperation, ApiResponse, ApiTags, type Page, Problems } from '@bascule/platform';
import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { artifactNotFound, modelNotFound, probeBusy, signatureMismatch, versionNotFound, versionRefused } from '../errors.js';
import { ModelsService } from '../models/models.service.js';
import { RegistrationService } from './registration.service.js';
import {
  type UploadVersion,
  uploadVersionBody,
  type VersionDetails,
  type VersionQuery,
  type VersionView,
  versionDetails,
  versionPage,
  versionParam,
  versionQuery,
  versionSchema,
  versionView,
} from './versions.schema.js';
import { VersionsService } from './versions.service.js';

@ApiTags('versions')
@Controller('v1')
@Roles('scientist', 'approver', 'operator', 'auditor', 'admin')
export class VersionsController {
  constructor(
    private readonly models: ModelsService,
    private readonly versions: VersionsService,
    private readonly registration: RegistrationService,
  ) {}

  @Get('versions')
  @ApiOperation({ summary: 'Search the versions of all models, the last registered first' })
  @ApiResponse({ status: 200, standardSchema: versionPage })
  async search(@Credential() credential: Credential, @Query({ schema: versionQuery }) query: VersionQuery): Promise<Page<VersionView>> {
    const page = await this.versions.search(credential, query);
    return { items: await this.versions.views(page.items), nextCursor: page.nextCursor };
  }

  @Get('models/:model/versions')
  @ApiOperation({ summary: 'List the versions of a model, newest first' })
  @ApiResponse({ status: 200, standardSchema: versionPage })
  @Problems(modelNotFound)
  async list(
    @Credential() credential: Credential,
    @Param('model', { schema: entityName }) model: string,
    @Query({ schema: versionQuery }) query: VersionQuery,
  ): Promise<Page<VersionView>> {
    requireModel(credential, model);
    await this.models.get(model);
    const page = await this.versions.list(model, query);
    return { items: await this.versions.views(page.items), nextCursor: page.nextCursor };
  }

  @Get('models/:model/versions/:version')
  @ApiOperation({ summary: 'One version with its signature, metrics and origin' })
  @ApiResponse({ status: 200, standardSchema: versionSchema })
  @Problems(versionNotFound)
  async get(
    @Credential() credential: Credential,
    @Param('model', { schema: entityName }) model: string,
    @Param('version', { schema: versionParam }) version: number,
  ): Promise<VersionView> {
    requireModel(credential, model);
    return this.versions.view(await this.versions.get(model, version));
  }

  @Patch('models/:model/versions/:version')
  @Roles('scientist', 'admin')
  @ApiOperation({ summary: 'Change description or tags of a version; everything else of it never changes' })
  @ApiResponse({ status: 200, standardSchema: versionSchema })
  @Problems(versionNotFound)
  async describe(
    @Credential() credential: Credential,
    @Param('model', { schema: entityName }) model: string,
    @Param('version', { schema: versionParam }) version: number,
    @Body({ schema: versionDetails }) details: VersionDetails,
  ): Promise<VersionView> {
    requireModel(credential, model);
    return this.versions.view(await this.versions.describe(model, version, details, credential.identity));
  }

  @Post('models/:model/versions')
  @Roles('scientist', 'admin')
  @Idempotent()
  @ApiOperation({ summary: 'Register an uploaded artifact as a version' })
  @ApiResponse({ status: 201, standardSchema: versionSchema })
  @Problems(artifactNotFound, probeBusy, signatureMismatch, versionRefused)
  async upload(
    @Credential() credential: Credential,
    @Param('model', { schema: entityName }) model: string,
    @Body({ schema: uploadVersionBody }) body: UploadVersion,
  ): Promise<VersionView> {
    requireModel(credential, model);
    return versionView(await this.registration.registerUpload(model, body, credential));
  }
}
