import { Credential, datasetNotAllowed, Roles, requireDataset } from '@bascule/access';
import { entityName, uuid } from '@bascule/contracts';
import { Idempotent } from '@bascule/database';
import { ApiBody, ApiConsumes, ApiOperation, ApiResponse, ApiTags, Problems } from '@bascule/platform';
import { Body, Controller, Get, HttpCode, Param, Post, Query, UseInterceptors } from '@nestjs/common';
import { ContractsService } from '../contracts/contracts.service.js';
import { contentRemoved } from '../datasets/errors.js';
import {
  batchNotFound,
  batchNotRejected,
  contractInvalid,
  contractMismatch,
  contractNotFound,
  contractOutdated,
  datasetNotFound,
  emptyBatch,
  publicationInvalid,
  unsupportedContent,
} from '../errors.js';
import { masked } from '../privacy/mask.js';
import { publishAsOf } from '../publication/publish-as.js';
import { readers } from '../readers.js';
import { uploadErrors } from '../uploads/errors.js';
import type { ValidationReport } from '../validation/validation-report.js';
import type { BatchEntity } from './batch.entity.js';
import {
  type BatchListQuery,
  batchListQuery,
  batchPage,
  batchView,
  type ResubmitBatchBody,
  receivedView,
  resubmitBatchBody,
  type SendQuery,
  sendQuery,
} from './batches.schema.js';
import { BatchesService } from './batches.service.js';
import { ContentInterceptor, type SentContent } from './content.interceptor.js';
import { charsetOf, contentTypes } from './content-type.js';
import { ResubmissionService } from './resubmission.service.js';

@ApiTags('batches')
@Controller('v1')
export class BatchesController {
  constructor(
    private readonly batches: BatchesService,
    private readonly contracts: ContractsService,
    private readonly resubmissions: ResubmissionService,
  ) {}

  @Post('datasets/:dataset/batches')
  @HttpCode(202)
  @Roles('scientist', 'client', 'admin')
  @Idempotent()
  @UseInterceptors(ContentInterceptor)
  @ApiOperation({
    summary:
      'Send records of any size: CSV, TSV, newline-delimited JSON, a JSON array or Parquet, also as gzip or zstd; validation follows, see the batch',
    description:
      'What the query does not tell is found out from the content. Content that the dataset took before under the same contract is answered with its first batch.',
  })
  @ApiConsumes(...contentTypes)
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @ApiResponse({ status: 202, standardSchema: receivedView })
  @Problems(contentRemoved, contractInvalid, contractMismatch, contractNotFound, contractOutdated, datasetNotFound, publicationInvalid)
  @Problems(emptyBatch, unsupportedContent, uploadErrors.tooLarge, uploadErrors.stalled)
  async send(
    @Param('dataset', { schema: entityName }) datasetName: string,
    @Query({ schema: sendQuery }) { contract: contractName, repeat, mode, from, to, ...told }: SendQuery,
    @Body() { contentType, sentType, ...stored }: SentContent,
    @Credential() credential: Credential,
  ) {
    const encoding = told.encoding ?? charsetOf(sentType);
    const readOptions = { ...told, ...(encoding ? { encoding } : {}) };
    const publishAs = publishAsOf({ mode, from, to });
    if (typeof publishAs === 'string') throw publicationInvalid({ dataset: datasetName }, publishAs);
    const sentBy = credential.identity;
    const delivery = { datasetName, contractName, contentType, readOptions, publishAs, origin: 'upload', sentBy } as const;
    const { batch, isRepeat } = await this.batches.receiveStored(delivery, stored, repeat);
    return receiptOf(batch, isRepeat);
  }

  @Get('batches')
  @Roles(...readers)
  @ApiOperation({ summary: 'Batches, newest first' })
  @ApiResponse({ status: 200, standardSchema: batchPage })
  @Problems(datasetNotAllowed, contractNotFound)
  async list(@Query({ schema: batchListQuery }) query: BatchListQuery, @Credential() credential: Credential) {
    if (query.dataset !== undefined) requireDataset(credential, query.dataset);
    const { items, nextCursor } = await this.batches.list(query, credential);
    return { items: await Promise.all(items.map((batch) => this.viewOf(batch))), nextCursor };
  }

  @Get('batches/:id')
  @Roles(...readers)
  @ApiOperation({ summary: 'A batch with its validation report' })
  @ApiResponse({ status: 200, standardSchema: batchView })
  @Problems(datasetNotAllowed, batchNotFound, contractNotFound)
  async get(@Param('id', { schema: uuid }) id: string, @Credential() credential: Credential) {
    const batch = await this.batches.get(id);
    requireDataset(credential, batch.datasetName);
    return this.viewOf(batch);
  }

  @Post('batches/:id/resubmit')
  @HttpCode(202)
  @Roles('scientist', 'admin')
  @Idempotent()
  @ApiOperation({
    summary: 'Send the kept content of a rejected batch again, as a batch of its own under the contract as it is now; each batch once',
    description: 'What the batch was to do to its dataset (append, replace, window, correct), and in whose name, stays as it was.',
  })
  @ApiResponse({ status: 202, standardSchema: receivedView })
  @Problems(datasetNotAllowed, batchNotFound, batchNotRejected, contentRemoved, contractInvalid, contractMismatch, contractNotFound)
  @Problems(contractOutdated, datasetNotFound)
  async resubmit(
    @Param('id', { schema: uuid }) id: string,
    @Body({ schema: resubmitBatchBody }) { reason }: ResubmitBatchBody,
    @Credential() credential: Credential,
  ) {
    requireDataset(credential, (await this.batches.get(id)).datasetName);
    const { batch, isRepeat } = await this.resubmissions.resubmit(id, reason, credential.identity);
    return receiptOf(batch, isRepeat);
  }

  private async viewOf({ id, labels: _, receivedAt, decidedAt, ...facts }: BatchEntity) {
    const report = facts.report && (await this.shownReport(facts.contractName, facts.report));
    const times = { receivedAt: receivedAt.toISOString(), decidedAt: decidedAt?.toISOString() ?? null };
    return { batchId: id, ...facts, report, ...times };
  }

  /** What is personal by now was written down before it was. */
  private async shownReport(contractName: string, report: ValidationReport): Promise<ValidationReport> {
    if (!report.flags || report.flags.examples.length === 0) return report;
    const personal = await this.contracts.personalColumns(contractName);
    const examples = report.flags.examples.map((example) => (personal.has(example.field) ? { ...example, value: masked } : example));
    return { ...report, flags: { ...report.flags, examples } };
  }
}

function receiptOf({ id: batchId, status, contentDigest, sizeBytes }: BatchEntity, isRepeat: boolean) {
  return { batchId, status, contentDigest, sizeBytes, isRepeat };
}
