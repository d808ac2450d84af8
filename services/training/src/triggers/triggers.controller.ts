import { type Credential as Caller, Credential, datasetNotAllowed, modelNotAllowed, Roles } from '@bascule/access';
import { Idempotent } from '@bascule/database';
import { ApiOperation, ApiTags, type Page, Problems } from '@bascule/platform';
import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { datasetVersionNotFound, pipelineNotFound, proposalAnswered, triggerHeld } from '../errors.js';
import { requireNames } from '../pipelines/pipeline-names.js';
import { pipelineName } from '../pipelines/pipelines.schema.js';
import { PipelinesService } from '../pipelines/pipelines.service.js';
import { type RunView, viewOf } from '../runs/run-view.js';
import { type RunRequest, runRequest } from '../runs/runs.schema.js';
import type { TriggerEntity } from './trigger.entity.js';
import { type TriggersQuery, triggersQuery } from './triggers.schema.js';
import { TriggersService } from './triggers.service.js';

const triggerOf = ({ id, fingerprint, ...trigger }: TriggerEntity) => ({ triggerId: id, ...trigger });
type TriggerView = ReturnType<typeof triggerOf>;

@ApiTags('triggers')
@Controller('v1')
export class TriggersController {
  constructor(
    private readonly triggers: TriggersService,
    private readonly pipelines: PipelinesService,
  ) {}

  @Post('pipelines/:name/runs')
  @Roles('scientist', 'admin')
  @Idempotent()
  @ApiOperation({ summary: 'Request a run by hand, on the latest dataset version or a named one' })
  @Problems(datasetNotAllowed, modelNotAllowed, datasetVersionNotFound, pipelineNotFound, proposalAnswered, triggerHeld)
  async requestRun(
    @Param('name', { schema: pipelineName }) name: string,
    @Body({ schema: runRequest }) body: RunRequest,
    @Credential() caller: Caller,
  ): Promise<RunView> {
    requireNames(caller, await this.pipelines.get(name));
    return viewOf(await this.triggers.requestByHand(name, caller.identity, body));
  }

  @Get('triggers')
  @Roles('scientist', 'operator', 'approver', 'auditor', 'admin')
  @ApiOperation({ summary: 'List decisions to train or to hold, newest first, with their reasons' })
  async list(@Query({ schema: triggersQuery }) query: TriggersQuery, @Credential() caller: Caller): Promise<Page<TriggerView>> {
    const page = await this.triggers.list(query, caller);
    return { ...page, items: page.items.map(triggerOf) };
  }
}
