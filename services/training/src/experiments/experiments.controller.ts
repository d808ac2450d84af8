import { type Credential as Caller, Credential, datasetNotAllowed, modelNotAllowed, Roles } from '@bascule/access';
import { ApiOperation, ApiResponse, ApiTags, Problems } from '@bascule/platform';
import { Body, Controller, Get, Param, Patch, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { artifactNotFound, runNotFound } from '../errors.js';
import { requireNames } from '../pipelines/pipeline-names.js';
import { type RunView, viewOf } from '../runs/run-view.js';
import { runId } from '../runs/runs.schema.js';
import { RunsService } from '../runs/runs.service.js';
import type { ComparedRow } from './compare-runs.js';
import { artifactName, type ComparedRuns, comparedRuns, type RunChange, runChange } from './experiments.schema.js';
import { ExperimentsService, type RunArtifact } from './experiments.service.js';
import type { MetricSeries } from './metric-series.js';

@ApiTags('experiments')
@Controller('v1/runs')
@Roles('scientist', 'operator', 'approver', 'auditor', 'admin')
export class ExperimentsController {
  constructor(
    private readonly runs: RunsService,
    private readonly experiments: ExperimentsService,
  ) {}

  @Get('compare')
  @ApiOperation({ summary: 'Put runs side by side: data, parameters, metrics and tags, those that differ first' })
  @Problems(datasetNotAllowed, modelNotAllowed, runNotFound)
  async compare(
    @Query({ schema: comparedRuns }) { ids }: ComparedRuns,
    @Credential() caller: Caller,
  ): Promise<{ runs: RunView[]; rows: ComparedRow[] }> {
    const { runs, rows } = await this.experiments.compare(ids, caller);
    return { runs: runs.map(viewOf), rows };
  }

  @Patch(':id')
  @Roles('scientist', 'admin')
  @ApiOperation({ summary: 'Change tags and note of a run; a tag of null is taken away' })
  @Problems(datasetNotAllowed, modelNotAllowed, runNotFound)
  async change(
    @Param('id', { schema: runId }) id: string,
    @Body({ schema: runChange }) body: RunChange,
    @Credential() caller: Caller,
  ): Promise<RunView> {
    requireNames(caller, await this.runs.get(id));
    return viewOf(await this.experiments.change(id, body));
  }

  @Get(':id/metrics')
  @ApiOperation({ summary: 'Read the curves of what a run measured, step by step' })
  @Problems(datasetNotAllowed, modelNotAllowed, runNotFound)
  async metrics(@Param('id', { schema: runId }) id: string, @Credential() caller: Caller): Promise<{ items: MetricSeries[] }> {
    requireNames(caller, await this.runs.get(id));
    return { items: await this.experiments.series(id) };
  }

  @Get(':id/artifacts')
  @ApiOperation({ summary: 'List the files of a run: its model, what tells about it, and what its trainer left' })
  @Problems(datasetNotAllowed, modelNotAllowed, runNotFound)
  async artifacts(@Param('id', { schema: runId }) id: string, @Credential() caller: Caller): Promise<{ items: RunArtifact[] }> {
    requireNames(caller, await this.runs.get(id));
    return { items: await this.experiments.artifacts(id) };
  }

  @Get(':id/artifacts/:name')
  @ApiOperation({ summary: 'Read a file of a run' })
  @ApiResponse({ status: 200, content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } } })
  @Problems(datasetNotAllowed, modelNotAllowed, artifactNotFound, runNotFound)
  async artifact(
    @Param('id', { schema: runId }) id: string,
    @Param('name', { schema: artifactName }) name: string,
    @Credential() caller: Caller,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    requireNames(caller, await this.runs.get(id));
    const bytes = await this.experiments.open(id, name);
    // a file of a trainer is nobody's page: it is kept, not shown
    const headers = { 'content-disposition': `attachment; filename="${name}"`, 'x-content-type-options': 'nosniff' };
    await reply
      .headers({ 'content-type': name.endsWith('.json') ? 'application/json' : 'application/octet-stream', ...headers })
      .send(bytes);
  }
}
