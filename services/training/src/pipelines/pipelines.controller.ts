import { type Credential as Caller, Credential, datasetNotAllowed, modelNotAllowed, Roles } from '@bascule/access';
import { Idempotent } from '@bascule/database';
import { ApiConsumes, ApiOperation, ApiTags, type Page, type PageQuery, Problems } from '@bascule/platform';
import { Body, Controller, Get, Param, Post, Put, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import {
  otherPipeline,
  pipelineExists,
  pipelineNotFound,
  pipelineVersionNotFound,
  resourcesUnavailable,
  trainerUnknown,
} from '../errors.js';
import type { PipelineEntity } from './pipeline.entity.js';
import { sourceOf, yamlTypes } from './pipeline-bodies.js';
import { requireNames } from './pipeline-names.js';
import type { PipelineVersionEntity } from './pipeline-version.entity.js';
import { PipelineVersionsService } from './pipeline-versions.service.js';
import {
  type NewPipeline,
  newPipeline,
  pipelineBody,
  pipelineName,
  pipelineSchema,
  pipelinesQuery,
  pipelineVersion,
  type Replacement,
} from './pipelines.schema.js';
import { PipelinesService } from './pipelines.service.js';

const viewOf = ({ title, evaluationDatasetName, search, ...pipeline }: PipelineEntity, nextFires: ReadonlyMap<string, Date>) => ({
  ...pipeline,
  /** When the schedule is due next; null without one. */
  nextFireAt: nextFires.get(pipeline.name) ?? null,
  ...(search === null ? {} : { search }),
  ...(title === null ? {} : { title }),
  ...(evaluationDatasetName === null ? {} : { evaluationDatasetName }),
});
type PipelineView = ReturnType<typeof viewOf>;

@ApiTags('pipelines')
@Controller('v1/pipelines')
export class PipelinesController {
  constructor(
    private readonly pipelines: PipelinesService,
    private readonly versions: PipelineVersionsService,
  ) {}

  @Post()
  @Roles('scientist', 'admin')
  @Idempotent()
  @ApiConsumes('application/json', ...yamlTypes)
  @ApiOperation({ summary: 'Make a pipeline: the recipe of a training, and when to train' })
  @Problems(datasetNotAllowed, modelNotAllowed, pipelineExists, resourcesUnavailable, trainerUnknown)
  async create(
    @Body({ schema: newPipeline }) body: NewPipeline,
    @Credential() caller: Caller,
    @Req() request: FastifyRequest,
  ): Promise<PipelineView> {
    requireNames(caller, body);
    return this.view(await this.pipelines.create(body, { identity: caller.identity, source: sourceOf(request.body) }));
  }

  @Get()
  @Roles('scientist', 'operator', 'approver', 'auditor', 'admin')
  @ApiOperation({ summary: 'List pipelines by name' })
  async list(@Query({ schema: pipelinesQuery }) query: PageQuery, @Credential() caller: Caller): Promise<Page<PipelineView>> {
    const page = await this.pipelines.list(query, caller);
    const nextFires = await this.pipelines.nextFires(page.items);
    return { ...page, items: page.items.map((pipeline) => viewOf(pipeline, nextFires)) };
  }

  @Get('schema')
  @Roles('scientist', 'operator', 'approver', 'auditor', 'admin')
  @ApiOperation({ summary: 'JSON Schema of a pipeline, for editors' })
  schema(): object {
    return pipelineSchema();
  }

  @Get(':name/versions')
  @Roles('scientist', 'operator', 'approver', 'auditor', 'admin')
  @ApiOperation({ summary: 'List what a pipeline was at any time, newest first' })
  @Problems(datasetNotAllowed, modelNotAllowed, pipelineNotFound)
  async listVersions(
    @Param('name', { schema: pipelineName }) name: string,
    @Query({ schema: pipelinesQuery }) query: PageQuery,
    @Credential() caller: Caller,
  ): Promise<Page<PipelineVersionEntity>> {
    requireNames(caller, await this.pipelines.get(name));
    return this.versions.list(name, query, caller);
  }

  @Get(':name/versions/:version')
  @Roles('scientist', 'operator', 'approver', 'auditor', 'admin')
  @ApiOperation({ summary: 'Read a version of a pipeline, with the YAML it was written in' })
  @Problems(datasetNotAllowed, modelNotAllowed, pipelineNotFound, pipelineVersionNotFound)
  async getVersion(
    @Param('name', { schema: pipelineName }) name: string,
    @Param('version', { schema: pipelineVersion }) version: number,
    @Credential() caller: Caller,
  ): Promise<PipelineVersionEntity> {
    requireNames(caller, await this.pipelines.get(name));
    const found = await this.versions.get(name, version);
    requireNames(caller, found.document);
    return found;
  }

  @Get(':name')
  @Roles('scientist', 'operator', 'approver', 'auditor', 'admin')
  @ApiOperation({ summary: 'Read a pipeline' })
  @Problems(datasetNotAllowed, modelNotAllowed, pipelineNotFound)
  async get(@Param('name', { schema: pipelineName }) name: string, @Credential() caller: Caller): Promise<PipelineView> {
    const pipeline = await this.pipelines.get(name);
    requireNames(caller, pipeline);
    return this.view(pipeline);
  }

  @Put(':name')
  @Roles('scientist', 'admin')
  @ApiConsumes('application/json', ...yamlTypes)
  @ApiOperation({ summary: 'Replace a pipeline by a new version; runs requested before keep their recipe' })
  @Problems(datasetNotAllowed, modelNotAllowed, otherPipeline, pipelineNotFound, resourcesUnavailable, trainerUnknown)
  async replace(
    @Param('name', { schema: pipelineName }) name: string,
    @Body({ schema: pipelineBody }) { name: named = name, ...body }: Replacement,
    @Credential() caller: Caller,
    @Req() request: FastifyRequest,
  ): Promise<PipelineView> {
    if (named !== name) throw otherPipeline({ name, named }, `The document names ${named}, the address ${name}.`);
    requireNames(caller, await this.pipelines.get(name));
    requireNames(caller, body);
    return this.view(await this.pipelines.replace(name, body, { identity: caller.identity, source: sourceOf(request.body) }));
  }

  private async view(pipeline: PipelineEntity): Promise<PipelineView> {
    return viewOf(pipeline, await this.pipelines.nextFires([pipeline]));
  }
}
