import { Credential, datasetNotAllowed, Roles, requireDataset } from '@bascule/access';
import { entityName } from '@bascule/contracts';
import { Idempotent } from '@bascule/database';
import { ApiOperation, ApiResponse, ApiTags, type PageQuery, Problems, pageQuery } from '@bascule/platform';
import { tableUnreadable, tooManyColumns } from '@bascule/tables';
import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { contentRemoved } from '../datasets/errors.js';
import { contractInvalid, contractNotFound, datasetNotFound, erasureInvalid } from '../errors.js';
import type { ErasureEntity } from './erasure.entity.js';
import { type ErasureBody, erasureBody, erasurePage, erasureView } from './erasures.schema.js';
import { ErasuresService } from './erasures.service.js';

@ApiTags('datasets')
@Controller('v1/datasets/:name/erasures')
export class ErasuresController {
  constructor(private readonly erasures: ErasuresService) {}

  @Post()
  @Roles('admin')
  @Idempotent()
  @ApiOperation({
    summary: "Erase a person's records: a new version without them, older parts and sent contents removed by retention",
    description: 'The values are kept nowhere: neither in the record of the erasure nor in its event.',
  })
  @ApiResponse({ status: 201, standardSchema: erasureView })
  @Problems(
    datasetNotAllowed,
    contentRemoved,
    contractInvalid,
    contractNotFound,
    datasetNotFound,
    erasureInvalid,
    tooManyColumns,
    tableUnreadable,
  )
  async erase(
    @Param('name', { schema: entityName }) name: string,
    @Body({ schema: erasureBody }) body: ErasureBody,
    @Credential() credential: Credential,
  ) {
    requireDataset(credential, name);
    return viewOf(await this.erasures.erase(name, body, credential.identity));
  }

  @Get()
  @Roles('admin', 'auditor')
  @ApiOperation({ summary: 'Erasures in a dataset, newest first' })
  @ApiResponse({ status: 200, standardSchema: erasurePage })
  @Problems(datasetNotAllowed, datasetNotFound)
  async list(
    @Param('name', { schema: entityName }) name: string,
    @Query({ schema: pageQuery.strict() }) query: PageQuery,
    @Credential() credential: Credential,
  ) {
    requireDataset(credential, name);
    const { items, nextCursor } = await this.erasures.list(name, query);
    return { items: items.map(viewOf), nextCursor };
  }
}

function viewOf({ id, columnName, objects: _, erasedAt, removalDueAt, removedAt, ...facts }: ErasureEntity) {
  const times = { erasedAt: erasedAt.toISOString(), removalDueAt: removalDueAt.toISOString(), removedAt: removedAt?.toISOString() ?? null };
  return { erasureId: id, column: columnName, ...facts, ...times };
}
