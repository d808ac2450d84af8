import { Readable } from 'node:stream';
import { Credential, datasetNotAllowed, Roles, requireDataset } from '@bascule/access';
import { uuid } from '@bascule/contracts';
import { Idempotent } from '@bascule/database';
import { ApiOperation, ApiResponse, ApiTags, Problems } from '@bascule/platform';
import { Body, Controller, Get, HttpCode, Param, Post, Query, StreamableFile } from '@nestjs/common';
import type { BatchEntity } from '../batches/batch.entity.js';
import { BatchesService } from '../batches/batches.service.js';
import { ContractsService } from '../contracts/contracts.service.js';
import { contentRemoved } from '../datasets/errors.js';
import {
  batchNotFound,
  batchOfAnother,
  contractInvalid,
  contractMismatch,
  contractNotFound,
  contractOutdated,
  datasetNotFound,
  quarantineNotWaiting,
  quarantineUncorrected,
} from '../errors.js';
import { maskedRecord } from '../privacy/mask.js';
import { readers } from '../readers.js';
import type { ColumnRule } from '../validation/column-rule.js';
import { requireRecords } from './own-records.js';
import {
  type DiscardBody,
  type DownloadQuery,
  discardBody,
  downloadQuery,
  type QuarantineQuery,
  quarantineCounts,
  quarantinePage,
  quarantineQuery,
  type ResubmitBody,
  resubmitBody,
  settledView,
} from './quarantine.schema.js';
import { QuarantineService } from './quarantine.service.js';
import { asCsv, asNdjson } from './quarantine-file.js';
import type { QuarantinedRecordEntity } from './quarantined-record.entity.js';
import { SettlementService } from './settlement.service.js';

@ApiTags('batches')
@Controller('v1/batches/:id/quarantine')
export class QuarantineController {
  constructor(
    private readonly quarantine: QuarantineService,
    private readonly settlements: SettlementService,
    private readonly batches: BatchesService,
    private readonly contracts: ContractsService,
  ) {}

  @Get()
  @Roles(...readers)
  @ApiOperation({ summary: 'Records of a batch that were not accepted, with the reasons; the first 1000 duplicates among them' })
  @ApiResponse({ status: 200, standardSchema: quarantinePage })
  @Problems(datasetNotAllowed, batchNotFound, batchOfAnother, contractNotFound)
  async list(
    @Param('id', { schema: uuid }) id: string,
    @Query({ schema: quarantineQuery }) query: QuarantineQuery,
    @Credential() credential: Credential,
  ) {
    const batch = await this.batchFor(id, credential);
    requireRecords(credential, batch);
    const { items, nextCursor } = await this.quarantine.list(id, query);
    const rules = await this.contracts.shownRules(batch);
    return { items: items.map((item) => viewOf(maskedRecord(item, rules))), nextCursor };
  }

  @Get('counts')
  @Roles(...readers)
  @ApiOperation({ summary: 'How many records wait, by reason, and how many were sent again or discarded' })
  @ApiResponse({ status: 200, standardSchema: quarantineCounts })
  @Problems(datasetNotAllowed, batchNotFound)
  async counts(@Param('id', { schema: uuid }) id: string, @Credential() credential: Credential) {
    await this.batchFor(id, credential);
    return this.quarantine.counts(id);
  }

  @Get('download')
  @Roles(...readers)
  @ApiOperation({ summary: 'The records as a file: JSON lines with what was sent, or CSV for people' })
  @Problems(datasetNotAllowed, batchNotFound, batchOfAnother, contractNotFound)
  async download(
    @Param('id', { schema: uuid }) id: string,
    @Query({ schema: downloadQuery }) { format, ...filter }: DownloadQuery,
    @Credential() credential: Credential,
  ) {
    const batch = await this.batchFor(id, credential);
    requireRecords(credential, batch);
    const rules = await this.contracts.shownRules(batch);
    const records = masking(this.quarantine.each(id, filter), rules);
    const type = format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson';
    const content = Readable.from(format === 'csv' ? asCsv(records) : asNdjson(records));
    return new StreamableFile(content, { type, disposition: `attachment; filename="quarantine-${id}.${format}"` });
  }

  @Post('resubmit')
  @HttpCode(202)
  @Roles('scientist', 'admin')
  @Idempotent()
  @ApiOperation({
    summary:
      'Send waiting records again as a batch of their own: corrected one by one, by rule, or as they were for a contract that has changed',
  })
  @ApiResponse({ status: 202, standardSchema: settledView })
  @Problems(
    datasetNotAllowed,
    batchNotFound,
    contentRemoved,
    contractInvalid,
    contractMismatch,
    contractNotFound,
    contractOutdated,
    datasetNotFound,
    quarantineNotWaiting,
    quarantineUncorrected,
  )
  async resubmit(
    @Param('id', { schema: uuid }) id: string,
    @Body({ schema: resubmitBody }) body: ResubmitBody,
    @Credential() credential: Credential,
  ) {
    return this.settlements.resubmit(await this.batchFor(id, credential), body, credential.identity);
  }

  @Post('discard')
  @HttpCode(200)
  @Roles('scientist', 'admin')
  @Idempotent()
  @ApiOperation({ summary: 'Give waiting records up, with the reason; they stay to be seen' })
  @ApiResponse({ status: 200, standardSchema: settledView })
  @Problems(datasetNotAllowed, batchNotFound, quarantineNotWaiting)
  async discard(
    @Param('id', { schema: uuid }) id: string,
    @Body({ schema: discardBody }) body: DiscardBody,
    @Credential() credential: Credential,
  ) {
    return this.settlements.discard(await this.batchFor(id, credential), body, credential.identity);
  }

  private async batchFor(id: string, credential: Credential): Promise<BatchEntity> {
    const batch = await this.batches.get(id);
    requireDataset(credential, batch.datasetName);
    return batch;
  }
}

function viewOf({ batchId: _, settledAt, ...facts }: QuarantinedRecordEntity) {
  return { ...facts, settledAt: settledAt?.toISOString() ?? null };
}

async function* masking(records: AsyncIterable<QuarantinedRecordEntity>, rules: readonly ColumnRule[]) {
  for await (const record of records) yield maskedRecord(record, rules);
}
