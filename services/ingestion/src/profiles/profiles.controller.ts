import { Credential, datasetNotAllowed, Roles, requireDataset } from '@bascule/access';
import { datasetProfile, digest, entityName } from '@bascule/contracts';
import { ApiOperation, ApiResponse, ApiTags, Problems } from '@bascule/platform';
import { tableUnreadable, tooManyColumns } from '@bascule/tables';
import { Controller, Get, Param } from '@nestjs/common';
import { contentRemoved } from '../datasets/errors.js';
import { datasetVersionNotFound } from '../errors.js';
import { readers } from '../readers.js';
import { ProfilesService } from './profiles.service.js';

const profileView = datasetProfile.extend({ profileDigest: digest }).meta({ id: 'DatasetProfile' });

@ApiTags('datasets')
@Controller('v1/datasets/:name/versions/:version/profile')
@Roles(...readers)
export class ProfilesController {
  constructor(private readonly profiles: ProfilesService) {}

  @Get()
  @ApiOperation({
    summary: 'What a version holds: counts, gaps, quantiles, 64 bins, categories, and how far labelled rows are from the others',
    description: 'It lies in the object store under profileDigest. Values of personal columns and of ids are not in it.',
  })
  @ApiResponse({ status: 200, standardSchema: profileView })
  @Problems(datasetNotAllowed, contentRemoved, datasetVersionNotFound, tooManyColumns, tableUnreadable)
  async get(
    @Param('name', { schema: entityName }) name: string,
    @Param('version', { schema: digest }) version: string,
    @Credential() credential: Credential,
  ) {
    requireDataset(credential, name);
    const { digest: profileDigest, profile } = await this.profiles.get(name, version);
    return { ...profile, profileDigest };
  }
}
