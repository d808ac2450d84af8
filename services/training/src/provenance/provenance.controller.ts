import { type Credential as Caller, Credential, datasetNotAllowed, modelNotAllowed, Roles } from '@bascule/access';
import { ApiOperation, ApiTags, Problems } from '@bascule/platform';
import { Controller, Get, Param } from '@nestjs/common';
import { provenanceNotFound, runNotFound } from '../errors.js';
import { requireNames } from '../pipelines/pipeline-names.js';
import { runId } from '../runs/runs.schema.js';
import { RunsService } from '../runs/runs.service.js';
import { type ProvenanceKeyView, ProvenanceService } from './provenance.service.js';

@ApiTags('provenance')
@Controller('v1')
export class ProvenanceController {
  constructor(
    private readonly runs: RunsService,
    private readonly provenance: ProvenanceService,
  ) {}

  @Get('runs/:id/provenance')
  @Roles('scientist', 'operator', 'approver', 'auditor', 'admin')
  @ApiOperation({
    summary: 'Read what the model of a run was made from, signed',
    description: 'A DSSE envelope with an in-toto statement: the SLSA provenance of `model.onnx`.',
  })
  @Problems(datasetNotAllowed, modelNotAllowed, provenanceNotFound, runNotFound)
  async get(@Param('id', { schema: runId }) id: string, @Credential() caller: Caller): Promise<object> {
    requireNames(caller, await this.runs.get(id));
    return this.provenance.get(id);
  }

  @Get('provenance/keys')
  @Roles('scientist', 'operator', 'approver', 'auditor', 'admin')
  @ApiOperation({ summary: 'List the public keys of signed provenance, newest first' })
  async listKeys(): Promise<{ items: ProvenanceKeyView[] }> {
    return { items: await this.provenance.listKeys() };
  }
}
