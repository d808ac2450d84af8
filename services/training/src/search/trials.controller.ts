import { type Credential as Caller, Credential, datasetNotAllowed, modelNotAllowed, Roles } from '@bascule/access';
import { ApiOperation, ApiTags, Problems } from '@bascule/platform';
import { Controller, Get, Param } from '@nestjs/common';
import { runNotFound } from '../errors.js';
import { requireNames } from '../pipelines/pipeline-names.js';
import { runId } from '../runs/runs.schema.js';
import { RunsService } from '../runs/runs.service.js';
import { type Trial, TrialsService } from './trials.service.js';

@ApiTags('runs')
@Controller('v1/runs')
export class TrialsController {
  constructor(
    private readonly runs: RunsService,
    private readonly trials: TrialsService,
  ) {}

  @Get(':id/trials')
  @Roles('scientist', 'operator', 'approver', 'auditor', 'admin')
  @ApiOperation({ summary: 'List the trials of a search by round and number, with what each tried and gave' })
  @Problems(datasetNotAllowed, modelNotAllowed, runNotFound)
  async list(@Param('id', { schema: runId }) id: string, @Credential() caller: Caller): Promise<{ items: Trial[] }> {
    requireNames(caller, await this.runs.get(id));
    return { items: await this.trials.list(id) };
  }
}
