import { type Credential as Caller, Credential, datasetNotAllowed, modelNotAllowed, Roles } from '@bascule/access';
import { ApiOperation, ApiTags, type Page, Problems } from '@bascule/platform';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { runEnded, runNotFound } from '../errors.js';
import { requireNames } from '../pipelines/pipeline-names.js';
import { RunEventsService } from './run-events.service.js';
import { type RunView, viewOf } from './run-view.js';
import { type CancelRequest, cancelRequest, type RunsQuery, runId, runsQuery } from './runs.schema.js';
import { RunsService } from './runs.service.js';

@ApiTags('runs')
@Controller('v1/runs')
export class RunsController {
  constructor(
    private readonly runs: RunsService,
    private readonly events: RunEventsService,
  ) {}

  @Get()
  @Roles('scientist', 'operator', 'approver', 'auditor', 'admin')
  @ApiOperation({ summary: 'List runs, newest first' })
  async list(@Query({ schema: runsQuery }) query: RunsQuery, @Credential() caller: Caller): Promise<Page<RunView>> {
    const page = await this.runs.list(query, caller);
    return { ...page, items: page.items.map(viewOf) };
  }

  @Get(':id')
  @Roles('scientist', 'operator', 'approver', 'auditor', 'admin')
  @ApiOperation({ summary: 'Read a run with its progress, metrics and artifacts' })
  @Problems(datasetNotAllowed, modelNotAllowed, runNotFound)
  async get(@Param('id', { schema: runId }) id: string, @Credential() caller: Caller): Promise<RunView & { progress: object | null }> {
    const run = await this.runs.get(id);
    requireNames(caller, run);
    return { ...viewOf(run), progress: await this.events.findProgress(id) };
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Roles('scientist', 'operator', 'admin')
  @ApiOperation({ summary: 'Stop a run that has not ended' })
  @Problems(datasetNotAllowed, modelNotAllowed, runEnded, runNotFound)
  async cancel(
    @Param('id', { schema: runId }) id: string,
    @Body({ schema: cancelRequest }) body: CancelRequest,
    @Credential() caller: Caller,
  ): Promise<RunView> {
    requireNames(caller, await this.runs.get(id));
    return viewOf(await this.runs.cancel(id, caller.identity, body.reason));
  }
}
