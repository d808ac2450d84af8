import { Credential, datasetNotAllowed, Roles, requireDataset } from '@bascule/access';
import { digest, entityName } from '@bascule/contracts';
import { ApiOperation, ApiResponse, ApiTags, Problems } from '@bascule/platform';
import { ObjectStore } from '@bascule/storage';
import { tableUnreadable, tooManyColumns } from '@bascule/tables';
import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query, StreamableFile } from '@nestjs/common';
import { versionViewOf } from '../datasets/datasets.controller.js';
import { datasetVersionView } from '../datasets/datasets.schema.js';
import { DatasetsService } from '../datasets/datasets.service.js';
import { contentRemoved } from '../datasets/errors.js';
import { contractNotFound, datasetNotFound, datasetVersionNotFound, rowsUnreadable, tagNotFound } from '../errors.js';
import { contentRootOf, partProofOf } from '../publication/content-root.js';
import { readers } from '../readers.js';
import { DifferenceService } from './difference.service.js';
import { RowsService } from './rows.service.js';
import type { DatasetTagEntity } from './tag.entity.js';
import { TagsService } from './tags.service.js';
import {
  atQuery,
  differenceQuery,
  differenceView,
  partProofView,
  type RowsQuery,
  rowsQuery,
  type TagBody,
  tagBody,
  tagList,
  tagName,
  tagView,
} from './versions.schema.js';

const contentTypes = { csv: 'text/csv; charset=utf-8', ndjson: 'application/x-ndjson', parquet: 'application/vnd.apache.parquet' };

@ApiTags('datasets')
@Controller('v1/datasets/:name')
export class VersionsController {
  constructor(
    private readonly datasets: DatasetsService,
    private readonly tags: TagsService,
    private readonly differences: DifferenceService,
    private readonly rows: RowsService,
    private readonly store: ObjectStore,
  ) {}

  @Get('version-at')
  @Roles(...readers)
  @ApiOperation({ summary: 'The version that was current at a time' })
  @ApiResponse({ status: 200, standardSchema: datasetVersionView })
  @Problems(datasetNotAllowed, datasetNotFound, datasetVersionNotFound)
  async versionAt(
    @Param('name', { schema: entityName }) name: string,
    @Query({ schema: atQuery }) { time }: { time: string },
    @Credential() credential: Credential,
  ) {
    requireDataset(credential, name);
    return versionViewOf(await this.datasets.versionAt(name, new Date(time)));
  }

  @Get('versions/:version/difference')
  @Roles(...readers)
  @ApiOperation({ summary: 'How a version differs from another one: rows, columns and statistics' })
  @ApiResponse({ status: 200, standardSchema: differenceView })
  @Problems(datasetNotAllowed, contentRemoved, datasetVersionNotFound, tooManyColumns, tableUnreadable)
  async difference(
    @Param('name', { schema: entityName }) name: string,
    @Param('version', { schema: digest }) version: string,
    @Query({ schema: differenceQuery }) { from }: { from: string },
    @Credential() credential: Credential,
  ) {
    requireDataset(credential, name);
    return this.differences.between(name, from, version);
  }

  @Get('versions/:version/rows')
  @Roles('scientist', 'admin', 'service')
  @ApiOperation({
    summary: 'The rows of a version as CSV, NDJSON or Parquet: all, those of a time, or one share of a split by hash or by time',
    description: 'The same version, shares, seed and times give the same rows. Personal columns are masked for all but admins.',
  })
  @Problems(datasetNotAllowed, contractNotFound, datasetVersionNotFound, rowsUnreadable, tooManyColumns, tableUnreadable)
  async read(
    @Param('name', { schema: entityName }) name: string,
    @Param('version', { schema: digest }) version: string,
    @Query({ schema: rowsQuery }) { format, from, before, split, shares, by, seed }: RowsQuery,
    @Credential() credential: Credential,
  ) {
    requireDataset(credential, name);
    if (split !== undefined && !shares.some(([share]) => share === split))
      throw rowsUnreadable({ dataset: name }, `there is no share ${split} among ${shares.map(([share]) => share).join(', ')}`);
    const chosen = split === undefined ? undefined : { name: split, shares, by, seed };
    const maySeePersonal = credential.roles.includes('admin');
    const content = await this.rows.read(name, version, { format, from, before, split: chosen, maySeePersonal });
    return new StreamableFile(content, {
      type: contentTypes[format],
      disposition: `attachment; filename="${name}-${version.slice(0, 12)}.${format}"`,
    });
  }

  @Get('versions/:version/parts/:part/proof')
  @Roles(...readers)
  @ApiOperation({ summary: 'Shows that a part belongs to a version; holds after the part was removed' })
  @ApiResponse({ status: 200, standardSchema: partProofView })
  @Problems(datasetNotAllowed, datasetVersionNotFound)
  async proof(
    @Param('name', { schema: entityName }) name: string,
    @Param('version', { schema: digest }) version: string,
    @Param('part', { schema: digest }) part: string,
    @Credential() credential: Credential,
  ) {
    requireDataset(credential, name);
    await this.datasets.getVersion(name, version);
    const manifest = await this.datasets.manifestOf(version);
    const proof = partProofOf(manifest, part);
    const found = manifest.parts.find(({ digest: one }) => one === part);
    if (!proof || !found) throw datasetVersionNotFound({ dataset: name, version, part });
    const { rowCount } = found;
    return { contentRoot: contentRootOf(manifest), digest: part, rowCount, ...proof, isStored: await this.store.has(part) };
  }

  @Get('tags')
  @Roles(...readers)
  @ApiOperation({ summary: 'Tags of a dataset, by name' })
  @ApiResponse({ status: 200, standardSchema: tagList })
  @Problems(datasetNotAllowed, datasetNotFound)
  async listTags(@Param('name', { schema: entityName }) name: string, @Credential() credential: Credential) {
    requireDataset(credential, name);
    return { items: (await this.tags.list(name)).map(tagViewOf), nextCursor: null };
  }

  @Get('tags/:tag')
  @Roles(...readers)
  @ApiOperation({ summary: 'The version a tag points to' })
  @ApiResponse({ status: 200, standardSchema: tagView })
  @Problems(datasetNotAllowed, tagNotFound)
  async getTag(
    @Param('name', { schema: entityName }) name: string,
    @Param('tag', { schema: tagName }) tag: string,
    @Credential() credential: Credential,
  ) {
    requireDataset(credential, name);
    return tagViewOf(await this.tags.get(name, tag));
  }

  @Put('tags/:tag')
  @Roles('scientist', 'admin')
  @ApiOperation({ summary: 'Point a tag to a version' })
  @ApiResponse({ status: 200, standardSchema: tagView })
  @Problems(datasetNotAllowed, datasetNotFound, datasetVersionNotFound)
  async setTag(
    @Param('name', { schema: entityName }) name: string,
    @Param('tag', { schema: tagName }) tag: string,
    @Body({ schema: tagBody }) { version }: TagBody,
    @Credential() credential: Credential,
  ) {
    requireDataset(credential, name);
    return tagViewOf(await this.tags.set(name, tag, version, credential.identity));
  }

  @Delete('tags/:tag')
  @HttpCode(204)
  @Roles('scientist', 'admin')
  @ApiOperation({ summary: 'Take a tag away' })
  @Problems(datasetNotAllowed, datasetNotFound, tagNotFound)
  async removeTag(
    @Param('name', { schema: entityName }) name: string,
    @Param('tag', { schema: tagName }) tag: string,
    @Credential() credential: Credential,
  ) {
    requireDataset(credential, name);
    await this.tags.remove(name, tag, credential.identity);
  }
}

function tagViewOf({ datasetName, tag, version, taggedBy, taggedAt }: DatasetTagEntity) {
  return { datasetName, tag, version, taggedBy, taggedAt: taggedAt.toISOString() };
}
