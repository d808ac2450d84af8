import { Credential, Roles, requireDataset } from '@bascule/access';
import { uuid } from '@bascule/contracts';
import { ApiOperation, ApiResponse, ApiTags } from '@bascule/platform';
import { Controller, Get, Param } from '@nestjs/common';
import { z } from 'zod';
import { BatchesService } from '../batches/batches.service.js';
import { ContractsService } from '../contracts/contracts.service.js';
import { DatasetsService } from '../datasets/datasets.service.js';
import { readers } from '../readers.js';
import { runEventsOf } from './open-lineage.js';

const lineageView = z.object({ items: z.array(z.record(z.string(), z.unknown())) }).meta({ id: 'BatchLineage' });

@ApiTags('batches')
@Controller('v1/batches/:id/lineage')
export class LineageController {
  constructor(
    private readonly batches: BatchesService,
    private readonly contracts: ContractsService,
    private readonly datasets: DatasetsService,
  ) {}

  @Get()
  @Roles(...readers)
  @ApiOperation({ summary: 'The run events of a batch as OpenLineage tells them, with data quality as facets once it is decided' })
  @ApiResponse({ status: 200, standardSchema: lineageView })
  async get(@Param('id', { schema: uuid }) id: string, @Credential() credential: Credential) {
    const batch = await this.batches.get(id);
    requireDataset(credential, batch.datasetName);
    const { columns, settings } = this.contracts.compile(await this.contracts.get(batch.contractName, batch.contractVersion));
    const parts = batch.datasetVersion === null ? [] : (await this.datasets.manifestOf(batch.datasetVersion)).parts;
    const partBytes = parts.find(({ batchId }) => batchId === id)?.sizeBytes;
    const { maxQuarantinedPercent } = settings;
    return { items: runEventsOf({ ...batch, columns, maxQuarantinedPercent, partBytes }) };
  }
}
