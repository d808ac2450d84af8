import { Credential, datasetNotAllowed, Roles, requireDataset } from '@bascule/access';
import { entityName } from '@bascule/contracts';
import { ApiOperation, ApiResponse, ApiTags, Problems } from '@bascule/platform';
import { Controller, Get, Query } from '@nestjs/common';
import { z } from 'zod';
import { BatchesService } from '../batches/batches.service.js';
import { ContractsService } from '../contracts/contracts.service.js';
import { batchNotFound, contractNotFound } from '../errors.js';
import { maskedRecord } from '../privacy/mask.js';
import { readers } from '../readers.js';
import { type AnyQuarantineQuery, anyQuarantineCounts, anyQuarantinePage, anyQuarantineQuery } from './quarantine.schema.js';
import { QuarantineService } from './quarantine.service.js';

const datasetQuery = z.strictObject({ dataset: entityName.optional() });

@ApiTags('quarantine')
@Controller('v1/quarantine')
@Roles(...readers)
export class AllQuarantineController {
  constructor(
    private readonly quarantine: QuarantineService,
    private readonly batches: BatchesService,
    private readonly contracts: ContractsService,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'Records of all validated batches that were not accepted, newest batch first; a client sees those of its own batches',
  })
  @ApiResponse({ status: 200, standardSchema: anyQuarantinePage })
  @Problems(datasetNotAllowed, batchNotFound, contractNotFound)
  async list(@Query({ schema: anyQuarantineQuery }) query: AnyQuarantineQuery, @Credential() credential: Credential) {
    if (query.dataset !== undefined) requireDataset(credential, query.dataset);
    const { items, nextCursor } = await this.quarantine.listAll(query, credential);
    const batches = new Map(
      await Promise.all([...new Set(items.map(({ batchId }) => batchId))].map(async (id) => [id, await this.about(id)] as const)),
    );
    const shown = items.map((item) => {
      const { rules, datasetName } = batches.get(item.batchId)!;
      const { settledAt, ...facts } = maskedRecord(item, rules);
      return { ...facts, datasetName, settledAt: settledAt?.toISOString() ?? null };
    });
    return { items: shown, nextCursor };
  }

  @Get('counts')
  @ApiOperation({ summary: 'How many records of validated batches wait, by dataset, reason and field' })
  @ApiResponse({ status: 200, standardSchema: anyQuarantineCounts })
  @Problems(datasetNotAllowed)
  async counts(@Query({ schema: datasetQuery }) { dataset }: { dataset?: string }, @Credential() credential: Credential) {
    if (dataset !== undefined) requireDataset(credential, dataset);
    return { waiting: await this.quarantine.countsOfAll(dataset, credential) };
  }

  private async about(id: string) {
    const batch = await this.batches.get(id);
    return { rules: await this.contracts.shownRules(batch), datasetName: batch.datasetName };
  }
}
