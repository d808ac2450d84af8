import { type Credential as Caller, Credential, datasetNotAllowed, modelNotAllowed, Roles } from '@bascule/access';
import { ApiOperation, ApiTags, Problems } from '@bascule/platform';
import { Controller, Get, Param } from '@nestjs/common';
import { runNotFound } from '../errors.js';
import { requireNames } from '../pipelines/pipeline-names.js';
import { isFinal } from '../runs/run-state.js';
import { runId } from '../runs/runs.schema.js';
import { RunsService } from '../runs/runs.service.js';
import { type RunStep, RunStepsService } from './run-steps.service.js';

@ApiTags('runs')
@Controller('v1/runs')
export class StepsController {
  constructor(
    private readonly runs: RunsService,
    private readonly steps: RunStepsService,
  ) {}

  @Get(':id/steps')
  @Roles('scientist', 'operator', 'approver', 'auditor', 'admin')
  @ApiOperation({ summary: 'Read the steps of a run: what each rests on, gave, or took over from an earlier run' })
  @Problems(datasetNotAllowed, modelNotAllowed, runNotFound)
  async list(@Param('id', { schema: runId }) id: string, @Credential() caller: Caller): Promise<{ items: RunStep[] }> {
    const run = await this.runs.get(id);
    requireNames(caller, run);
    return { items: await this.steps.list(id, isFinal(run.status)) };
  }
}
