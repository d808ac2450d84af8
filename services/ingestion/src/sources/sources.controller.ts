import { Credential, datasetNotAllowed, Roles } from '@bascule/access';
import { entityName, uuid } from '@bascule/contracts';
import { Idempotent } from '@bascule/database';
import { ApiOperation, ApiResponse, ApiTags, type PageQuery, Problems, pageQuery } from '@bascule/platform';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import { contentRemoved } from '../datasets/errors.js';
import {
  contractInvalid,
  contractMismatch,
  contractNotFound,
  contractOutdated,
  datasetNotFound,
  sourceExists,
  sourceNotFound,
  sourceUnavailable,
  sourceUnknownPlace,
} from '../errors.js';
import { readers } from '../readers.js';
import type { SourceEntity } from './source.entity.js';
import { mostAttempts } from './source-troubles.queries.js';
import { type SourceBody, sourceBody, sourcePage, sourceView, troublePage } from './sources.schema.js';
import { SourcesService } from './sources.service.js';

const keepers = ['scientist', 'operator', 'admin'] as const;
const runView = z.object({ batchIds: z.array(uuid), trouble: z.string().nullable() });
const retriedView = z.object({ count: z.int() });

@ApiTags('sources')
@Controller('v1/sources')
export class SourcesController {
  constructor(private readonly sources: SourcesService) {}

  @Post()
  @Roles('scientist', 'admin')
  @Idempotent()
  @ApiOperation({
    summary:
      'Pull records on a schedule: from a table of PostgreSQL by watermark, from files of a folder, or from objects of a bucket of S3',
  })
  @ApiResponse({ status: 201, standardSchema: sourceView })
  @Problems(datasetNotAllowed, contractNotFound, sourceExists, sourceUnknownPlace)
  async create(@Body({ schema: sourceBody }) body: SourceBody, @Credential() credential: Credential) {
    return viewOf(await this.sources.create(body, credential));
  }

  @Get()
  @Roles(...readers)
  @ApiOperation({ summary: 'Sources, by name' })
  @ApiResponse({ status: 200, standardSchema: sourcePage })
  async list(@Query({ schema: pageQuery.strict() }) query: PageQuery, @Credential() credential: Credential) {
    const { items, nextCursor } = await this.sources.list(query, credential);
    return { items: items.map(viewOf), nextCursor };
  }

  @Get(':name')
  @Roles(...readers)
  @ApiOperation({ summary: 'A source: how far it has come, and what went wrong last' })
  @ApiResponse({ status: 200, standardSchema: sourceView })
  @Problems(datasetNotAllowed, sourceNotFound)
  async get(@Param('name', { schema: entityName }) name: string, @Credential() credential: Credential) {
    return viewOf(await this.sources.get(name, credential));
  }

  @Post(':name/pause')
  @HttpCode(200)
  @Roles(...keepers)
  @ApiOperation({ summary: 'Let the schedule of a source rest' })
  @ApiResponse({ status: 200, standardSchema: sourceView })
  @Problems(datasetNotAllowed, sourceNotFound)
  async pause(@Param('name', { schema: entityName }) name: string, @Credential() credential: Credential) {
    return viewOf(await this.sources.setPaused(name, true, credential));
  }

  @Post(':name/resume')
  @HttpCode(200)
  @Roles(...keepers)
  @ApiOperation({ summary: 'Let the schedule of a source go on, beginning now' })
  @ApiResponse({ status: 200, standardSchema: sourceView })
  @Problems(datasetNotAllowed, sourceNotFound)
  async resume(@Param('name', { schema: entityName }) name: string, @Credential() credential: Credential) {
    return viewOf(await this.sources.setPaused(name, false, credential));
  }

  @Post(':name/run')
  @HttpCode(200)
  @Roles(...keepers)
  @ApiOperation({ summary: 'Pull now what is new, and say which batches it made' })
  @ApiResponse({ status: 200, standardSchema: runView })
  @Problems(
    datasetNotAllowed,
    contentRemoved,
    contractInvalid,
    contractMismatch,
    contractNotFound,
    contractOutdated,
    datasetNotFound,
    sourceNotFound,
    sourceUnavailable,
    sourceUnknownPlace,
  )
  async run(@Param('name', { schema: entityName }) name: string, @Credential() credential: Credential) {
    const { batchIds, trouble = null } = await this.sources.runNow(name, credential);
    return { batchIds, trouble };
  }

  @Get(':name/troubles')
  @Roles(...readers)
  @ApiOperation({
    summary: 'Files of a source that could not be read, with the reason; those tried often enough are given up until they change',
  })
  @ApiResponse({ status: 200, standardSchema: troublePage })
  @Problems(datasetNotAllowed, sourceNotFound)
  async troubles(
    @Param('name', { schema: entityName }) name: string,
    @Query({ schema: pageQuery.strict() }) query: PageQuery,
    @Credential() credential: Credential,
  ) {
    const { items, nextCursor } = await this.sources.troublesOf(name, query, credential);
    return { items: items.map((trouble) => ({ ...trouble, isGivenUp: trouble.attempts >= mostAttempts })), nextCursor };
  }

  @Post(':name/troubles/retry')
  @HttpCode(200)
  @Roles(...keepers)
  @ApiOperation({ summary: 'Let the next run try files again that were given up' })
  @ApiResponse({ status: 200, standardSchema: retriedView })
  @Problems(datasetNotAllowed, sourceNotFound)
  async retry(@Param('name', { schema: entityName }) name: string, @Credential() credential: Credential) {
    return { count: await this.sources.retryTroubles(name, credential) };
  }
}

function viewOf({ nextRunAt, lastRunAt, createdAt: _, ...facts }: SourceEntity) {
  return { ...facts, nextRunAt: nextRunAt.toISOString(), lastRunAt: lastRunAt?.toISOString() ?? null };
}
