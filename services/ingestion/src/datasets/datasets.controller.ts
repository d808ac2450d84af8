import { Credential, datasetNotAllowed, Roles, requireDataset } from '@bascule/access';
import { digest, entityName } from '@bascule/contracts';
import { ApiOperation, ApiResponse, ApiTags, type PageQuery, Problems, pageQuery } from '@bascule/platform';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { datasetNotFound, datasetVersionNotFound } from '../errors.js';
import { readers } from '../readers.js';
import type { DatasetEntity } from './dataset.entity.js';
import type { DatasetVersionEntity } from './dataset-version.entity.js';
import { datasetPage, datasetVersionDetail, datasetVersionPage, datasetView } from './datasets.schema.js';
import { DatasetsService } from './datasets.service.js';

@ApiTags('datasets')
@Controller('v1/datasets')
@Roles(...readers)
export class DatasetsController {
  constructor(private readonly datasets: DatasetsService) {}

  @Get()
  @ApiOperation({ summary: 'Datasets by name' })
  @ApiResponse({ status: 200, standardSchema: datasetPage })
  async list(@Query({ schema: pageQuery.strict() }) query: PageQuery, @Credential() credential: Credential) {
    const { items, nextCursor } = await this.datasets.list(query, credential);
    return { items: items.map(viewOf), nextCursor };
  }

  @Get(':name')
  @ApiOperation({ summary: 'A dataset and its current version' })
  @ApiResponse({ status: 200, standardSchema: datasetView })
  @Problems(datasetNotAllowed, datasetNotFound)
  async get(@Param('name', { schema: entityName }) name: string, @Credential() credential: Credential) {
    requireDataset(credential, name);
    return viewOf(await this.datasets.get(name));
  }

  @Get(':name/versions')
  @ApiOperation({ summary: 'Versions of a dataset, newest first' })
  @ApiResponse({ status: 200, standardSchema: datasetVersionPage })
  @Problems(datasetNotAllowed, datasetNotFound)
  async listVersions(
    @Param('name', { schema: entityName }) name: string,
    @Query({ schema: pageQuery.strict() }) query: PageQuery,
    @Credential() credential: Credential,
  ) {
    requireDataset(credential, name);
    const { items, nextCursor } = await this.datasets.listVersions(name, query);
    return { items: items.map(versionViewOf), nextCursor };
  }

  @Get(':name/versions/:version')
  @ApiOperation({ summary: 'A dataset version with its manifest' })
  @ApiResponse({ status: 200, standardSchema: datasetVersionDetail })
  @Problems(datasetNotAllowed, datasetVersionNotFound)
  async getVersion(
    @Param('name', { schema: entityName }) name: string,
    @Param('version', { schema: digest }) version: string,
    @Credential() credential: Credential,
  ) {
    requireDataset(credential, name);
    const found = await this.datasets.getVersion(name, version);
    return { ...versionViewOf(found), manifest: await this.datasets.manifestOf(version) };
  }
}

function viewOf({ name, contractName, currentVersion, createdAt, updatedAt }: DatasetEntity) {
  return { name, contractName, currentVersion, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
}

export function versionViewOf({ occurredFrom, occurredTo, createdAt, profileDigest: _, ...facts }: DatasetVersionEntity) {
  return { ...facts, occurredFrom: occurredFrom.toISOString(), occurredTo: occurredTo.toISOString(), createdAt: createdAt.toISOString() };
}
