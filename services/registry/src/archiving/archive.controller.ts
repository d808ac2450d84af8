import { Credential, Roles, requireModel } from '@bascule/access';
import { entityName } from '@bascule/contracts';
import { Idempotent } from '@bascule/database';
import { ApiOperation, ApiResponse, ApiTags, Problems } from '@bascule/platform';
import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { versionInUse, versionNotFound } from '../errors.js';
import { type ArchiveVersion, archiveBody, type VersionView, versionParam, versionSchema } from '../versions/versions.schema.js';
import { VersionsService } from '../versions/versions.service.js';
import { ArchiveService } from './archive.service.js';

@ApiTags('versions')
@Controller('v1/models/:model/versions/:version/archive')
@Roles('scientist', 'admin')
export class ArchiveController {
  constructor(
    private readonly archive: ArchiveService,
    private readonly versions: VersionsService,
  ) {}

  @Post()
  @HttpCode(200)
  @Idempotent()
  @ApiOperation({ summary: 'Retire a version: it can no longer be promoted' })
  @ApiResponse({ status: 200, standardSchema: versionSchema })
  @Problems(versionInUse, versionNotFound)
  async retire(
    @Credential() credential: Credential,
    @Param('model', { schema: entityName }) model: string,
    @Param('version', { schema: versionParam }) version: number,
    @Body({ schema: archiveBody }) { reason }: ArchiveVersion,
  ): Promise<VersionView> {
    requireModel(credential, model);
    return this.versions.view(await this.archive.archive(model, version, reason, credential));
  }
}
