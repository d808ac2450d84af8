import { Credential, modelNotAllowed, Roles } from '@bascule/access';
import { ApiBearerAuth, ApiOperation, ApiTags, Problems } from '@bascule/platform';
import { Controller, Get, Param } from '@nestjs/common';
import { z } from 'zod';
import { nothingKnown } from '../errors.js';
import { type Lineage, LineageService } from './lineage.service.js';

const lineageKind = z.enum(['batch', 'dataset', 'run', 'version', 'prediction']);
const lineageId = z.string().min(1).max(200);

@ApiTags('lineage')
@ApiBearerAuth()
@Roles('auditor', 'operator', 'approver', 'scientist', 'admin')
@Controller('v1/lineage')
export class LineageController {
  constructor(private readonly lineage: LineageService) {}

  @Get(':kind/:id')
  @ApiOperation({ summary: 'Ancestors and descendants of a batch, dataset version, run, model version (`model@3`) or prediction' })
  @Problems(modelNotAllowed, nothingKnown)
  async getLineage(
    @Param('kind', { schema: lineageKind }) kind: string,
    @Param('id', { schema: lineageId }) id: string,
    @Credential() credential: Credential,
  ): Promise<Lineage> {
    return this.lineage.of(kind, id, credential);
  }
}
