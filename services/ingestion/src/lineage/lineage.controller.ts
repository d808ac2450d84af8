import { Credential, datasetNotAllowed, Roles, requireDataset } from '@bascule/access';
import { uuid } from '@bascule/contracts';
import { ApiOperation, ApiResponse, ApiTags, Problems } from '@bascule/platform';
import { Controller, Get, Param } from '@nestjs/common';
import { z } from 'zod';
import { BatchesService } from '../batches/batches.service.js';
import { batchNotFound, contractNotFound } from '../errors.js';
import { readers } from '../readers.js';
import { LineageService } from './lineage.service.js';

const lineageView = z.object({ items: z.array(z.record(z.string(), z.unknown())) }).meta({ id: 'BatchLineage' });

@ApiTags('batches')
@Controller('v1/batches/:id/lineage')
export class LineageController {
  constructor(
    private readonly batches: BatchesService,
    private readonly lineage: LineageService,
  ) {}

  @Get()
  @Roles(...readers)
  @ApiOperation({ summary: 'The run events of a batch as OpenLineage tells them, with data quality as facets once it is decided' })
  @ApiResponse({ status: 200, standardSchema: lineageView })
  @Problems(datasetNotAllowed, batchNotFound, contractNotFound)
  async get(@Param('id', { schema: uuid }) id: string, @Credential() credential: Credential) {
    const batch = await this.batches.get(id);
    requireDataset(credential, batch.datasetName);
    return { items: await this.lineage.eventsOf(batch) };
  }
}
