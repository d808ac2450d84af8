import { Credential, datasetNotAllowed, modelNotAllowed, Roles, requireModel } from '@bascule/access';
import { entityName, uuid } from '@bascule/contracts';
import { IdempotencyKeyHeader, invalidIdempotencyKey } from '@bascule/database';
import {
  ApiBody,
  ApiConsumes,
  ApiHeader,
  ApiOperation,
  ApiResponse,
  ApiTags,
  decodeCursor,
  type Page,
  Problems,
  pageOf,
} from '@bascule/platform';
import { tableUnreadable, tooManyColumns } from '@bascule/tables';
import { Controller, Get, Headers, HttpCode, Param, Post, Query, Req, Res, StreamableFile } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { AdmissionService } from '../admission/admission.service.js';
import { quotaExhausted, rowsBeyondQuota } from '../admission/errors.js';
import { BatchIntake } from '../batch-intake/batch-intake.service.js';
import { BatchResults } from '../batch-results/batch-results.service.js';
import { modelNotFound, pinForbidden } from '../errors.js';
import type { BatchJob } from './batch-job.entity.js';
import { type BatchJobView, batchJobPage, batchJobView, jobsQuery, type SubmitQuery, submitQuery } from './batch-jobs.schema.js';
import { BatchJobsService } from './batch-jobs.service.js';
import { BatchViews } from './batch-views.service.js';
import {
  batchInputBroken,
  batchInputRemoved,
  batchInputTooLarge,
  batchInputUnfit,
  batchJobEnded,
  batchJobNotFound,
  batchResultMissing,
  captureOffForbidden,
  datasetVersionNotFound,
  tooManyBatchJobs,
} from './errors.js';

const description = `The body is the file itself (CSV, TSV, NDJSON or Parquet, also packed by gzip or zstd), or JSON that names a dataset version.
Columns are found by the names of the features. A row that cannot be predicted does not fail the job: the results say why.`;

@ApiTags('batch jobs')
@Controller('v1')
@Roles('client', 'operator', 'scientist', 'admin')
export class BatchJobsController {
  constructor(
    private readonly admission: AdmissionService,
    private readonly jobs: BatchJobsService,
    private readonly intake: BatchIntake,
    private readonly results: BatchResults,
    private readonly views: BatchViews,
  ) {}

  /** Takes a file or a dataset version to be predicted row by row. */
  @Post('models/:model/batch-jobs')
  @HttpCode(202)
  @ApiOperation({ summary: 'Predict every row of a file or a dataset version', description })
  @ApiConsumes('text/csv', 'text/tab-separated-values', 'application/x-ndjson', 'application/vnd.apache.parquet', 'application/json')
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @ApiHeader({ name: 'Content-Encoding', description: '`gzip` or `identity`; a file that is packed itself needs none.' })
  @IdempotencyKeyHeader()
  @ApiResponse({ status: 202, standardSchema: batchJobView })
  @Problems(
    datasetNotAllowed,
    batchInputBroken,
    batchInputRemoved,
    batchInputTooLarge,
    batchInputUnfit,
    captureOffForbidden,
    datasetVersionNotFound,
    modelNotFound,
    pinForbidden,
    quotaExhausted,
    rowsBeyondQuota,
    tooManyBatchJobs,
    tooManyColumns,
    tableUnreadable,
  )
  async submit(
    @Param('model', { schema: entityName }) modelName: string,
    @Query({ schema: submitQuery }) query: SubmitQuery,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Credential() credential: Credential,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BatchJobView> {
    requireModel(credential, modelName);
    this.admission.requireRowsLeft(credential);
    if (query.version !== undefined && !credential.roles.includes('operator')) throw pinForbidden();
    if (query.capture === 'off' && !credential.roles.includes('operator')) throw captureOffForbidden();
    if (idempotencyKey !== undefined && !/^[\x21-\x7e]{1,200}$/.test(idempotencyKey)) throw invalidIdempotencyKey();
    const { job, isRepeat } = await this.intake.accept({
      ...{ modelName, query, credential, idempotencyKey, body: request.body },
      contentType: request.headers['content-type'] ?? '',
      contentEncoding: request.headers['content-encoding'],
    });
    void reply.header('location', `/v1/batch-jobs/${job.id}`);
    if (isRepeat) void reply.header('idempotency-replayed', 'true');
    return this.views.viewOf(job);
  }

  /** Lists batch jobs, newest first. */
  @Get('batch-jobs')
  @ApiOperation({ summary: 'List batch jobs, newest first' })
  @ApiResponse({ status: 200, standardSchema: batchJobPage })
  @Problems(modelNotAllowed)
  async list(
    @Query({ schema: jobsQuery }) { model, limit, cursor }: z.infer<typeof jobsQuery>,
    @Credential() credential: Credential,
  ): Promise<Page<BatchJobView>> {
    if (model !== undefined) requireModel(credential, model);
    const before = cursor === undefined ? undefined : decodeCursor(cursor, uuid);
    const page = pageOf(await this.jobs.list(credential, model, before, limit + 1), limit, ({ id }) => id);
    return { ...page, items: await Promise.all(page.items.map((job) => this.views.viewOf(job))) };
  }

  /** Shows how far a batch job is, how fast it gets on and when it will be done. */
  @Get('batch-jobs/:id')
  @ApiOperation({ summary: 'One batch job with its progress' })
  @ApiResponse({ status: 200, standardSchema: batchJobView })
  @Problems(modelNotAllowed, batchJobNotFound)
  async get(@Param('id', { schema: uuid }) id: string, @Credential() credential: Credential): Promise<BatchJobView> {
    return this.views.viewOf(await this.find(id, credential));
  }

  /** Stops a batch job for good. */
  @Post('batch-jobs/:id/cancel')
  @HttpCode(200)
  @ApiOperation({ summary: 'Stop a batch job for good' })
  @ApiResponse({ status: 200, standardSchema: batchJobView })
  @Problems(modelNotAllowed, batchJobEnded, batchJobNotFound)
  async cancel(@Param('id', { schema: uuid }) id: string, @Credential() credential: Credential): Promise<BatchJobView> {
    await this.find(id, credential);
    return this.views.viewOf(await this.jobs.cancel(id, credential));
  }

  /** Gives the results of a job that succeeded. */
  @Get('batch-jobs/:id/result')
  @ApiOperation({ summary: 'The results as a file, one row per row of the input, in its order' })
  @ApiResponse({ status: 200, content: { 'application/vnd.apache.parquet': {}, 'text/csv': {} } })
  @Problems(modelNotAllowed, batchJobNotFound, batchResultMissing)
  async result(@Param('id', { schema: uuid }) id: string, @Credential() credential: Credential): Promise<StreamableFile> {
    return this.results.result(await this.find(id, credential));
  }

  /** Gives the rows that could not be predicted. */
  @Get('batch-jobs/:id/errors')
  @ApiOperation({ summary: 'The rows that could not be predicted, each with the reason, as NDJSON' })
  @ApiResponse({ status: 200, content: { 'application/x-ndjson': {} } })
  @Problems(modelNotAllowed, batchJobNotFound, batchResultMissing)
  async errors(@Param('id', { schema: uuid }) id: string, @Credential() credential: Credential): Promise<StreamableFile> {
    return this.results.errors(await this.find(id, credential));
  }

  private async find(id: string, credential: Credential): Promise<BatchJob> {
    const job = await this.jobs.get(id, credential);
    requireModel(credential, job.modelName);
    return job;
  }
}
