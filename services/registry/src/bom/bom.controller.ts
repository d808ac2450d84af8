import { Credential, Roles, requireModel } from '@bascule/access';
import { entityName } from '@bascule/contracts';
import { ApiOperation, ApiTags, Problems } from '@bascule/platform';
import { Controller, Get, Header, Param } from '@nestjs/common';
import { versionNotFound } from '../errors.js';
import { versionParam } from '../versions/versions.schema.js';
import { VersionsService } from '../versions/versions.service.js';
import { mlBomOf } from './ml-bom.js';

@ApiTags('versions')
@Controller('v1/models/:model/versions/:version/bom')
@Roles('scientist', 'approver', 'operator', 'auditor', 'admin')
export class BomController {
  constructor(private readonly versions: VersionsService) {}

  @Get()
  @Header('content-type', 'application/vnd.cyclonedx+json; version=1.6')
  @ApiOperation({ summary: 'The bill of materials of a version (CycloneDX 1.6 ML-BOM)' })
  @Problems(versionNotFound)
  async get(
    @Credential() credential: Credential,
    @Param('model', { schema: entityName }) model: string,
    @Param('version', { schema: versionParam }) version: number,
  ): Promise<object> {
    requireModel(credential, model);
    return mlBomOf(await this.versions.get(model, version));
  }
}
