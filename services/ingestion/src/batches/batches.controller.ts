import { Credential, Roles, requireDataset } from '@bascule/access';
import { entityName, uuid } from '@bascule/contracts';
import { Idempotent } from '@bascule/database';
import { ApiBody, ApiConsumes, ApiOperation, ApiResponse, ApiTags } from '@bascule/platform';
import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query } from '@nestjs/common';
import { emptyBatch, unsupportedContent } from '../errors.js';
import { readers } from '../readers.js';
import type { BatchEntity } from './batch.entity.js';
import { type BatchListQuery, batchListQuery, batchPage, batchView, receivedView, sendQuery } from './batches.schema.js';
import { BatchesService } from './batches.service.js';
import { contentTypeOf, contentTypes } from './content-type.js';

@ApiTags('batches')
@Controller('v1')
export class BatchesController {
  constructor(private readonly batches: BatchesService) {}

  @Post('datasets/:dataset/batches')
  @HttpCode(202)
  @Roles('scientist', 'client', 'admin')
  @Idempotent()
  @ApiOperation({ summary: 'Send records as CSV or newline-delimited JSON, at most 64 MB; validation follows, see the batch' })
  @ApiConsumes(...contentTypes)
  @ApiBody({ schema: { type: 'string' } })
  @ApiResponse({ status: 202, standardSchema: receivedView })
  async send(
    @Param('dataset', { schema: entityName }) datasetName: string,
    @Query({ schema: sendQuery }) { contract }: { contract: string },
    @Headers('content-type') header: string | undefined,
    @Body() body: unknown,
    @Credential() credential: Credential,
  ) {
    requireDataset(credential, datasetName);
    const contentType = contentTypeOf(header);
    if (!contentType) throw unsupportedContent({ contentType: header ?? 'none' });
    if (!Buffer.isBuffer(body) || body.length === 0) throw emptyBatch();
    const sentBy = credential.identity;
    const batch = await this.batches.receive({ datasetName, contractName: contract, contentType, bytes: body, origin: 'upload', sentBy });
    return { batchId: batch.id, status: batch.status };
  }

  @Get('batches')
  @Roles(...readers)
  @ApiOperation({ summary: 'Batches, newest first' })
  @ApiResponse({ status: 200, standardSchema: batchPage })
  async list(@Query({ schema: batchListQuery }) query: BatchListQuery, @Credential() credential: Credential) {
    if (query.dataset !== undefined) requireDataset(credential, query.dataset);
    const { items, nextCursor } = await this.batches.list(query, credential);
    return { items: items.map(viewOf), nextCursor };
  }

  @Get('batches/:id')
  @Roles(...readers)
  @ApiOperation({ summary: 'A batch with its validation report' })
  @ApiResponse({ status: 200, standardSchema: batchView })
  async get(@Param('id', { schema: uuid }) id: string, @Credential() credential: Credential) {
    const batch = await this.batches.get(id);
    requireDataset(credential, batch.datasetName);
    return viewOf(batch);
  }
}

function viewOf({ id, receivedAt, decidedAt, ...facts }: BatchEntity) {
  return { batchId: id, ...facts, receivedAt: receivedAt.toISOString(), decidedAt: decidedAt?.toISOString() ?? null };
}
