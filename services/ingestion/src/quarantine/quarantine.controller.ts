import { Credential, Roles, requireDataset } from '@bascule/access';
import { uuid } from '@bascule/contracts';
import { ApiOperation, ApiResponse, ApiTags, type PageQuery, pageQuery } from '@bascule/platform';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { BatchesService } from '../batches/batches.service.js';
import { readers } from '../readers.js';
import { quarantinePage } from './quarantine.schema.js';
import { QuarantineService } from './quarantine.service.js';

@ApiTags('batches')
@Controller('v1/batches/:id/quarantine')
export class QuarantineController {
  constructor(
    private readonly quarantine: QuarantineService,
    private readonly batches: BatchesService,
  ) {}

  @Get()
  @Roles(...readers)
  @ApiOperation({ summary: 'Records of a batch that were not accepted, with the reasons; the first 1000 duplicates among them' })
  @ApiResponse({ status: 200, standardSchema: quarantinePage })
  async list(
    @Param('id', { schema: uuid }) id: string,
    @Query({ schema: pageQuery }) query: PageQuery,
    @Credential() credential: Credential,
  ) {
    const batch = await this.batches.get(id);
    requireDataset(credential, batch.datasetName);
    const { items, nextCursor } = await this.quarantine.list(id, query);
    return { items: items.map(({ row, line, raw, record, reasons }) => ({ row, line, raw, record, reasons })), nextCursor };
  }
}
