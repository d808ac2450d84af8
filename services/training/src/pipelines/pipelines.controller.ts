import { type Credential as Caller, Credential, Roles } from '@bascule/access';
import { Idempotent } from '@bascule/database';
import { ApiOperation, ApiTags, type Page, type PageQuery } from '@bascule/platform';
import { Body, Controller, Get, Param, Post, Put, Query } from '@nestjs/common';
import type { PipelineEntity } from './pipeline.entity.js';
import { requireNames } from './pipeline-names.js';
import { type NewPipeline, newPipeline, type PipelineBody, pipelineBody, pipelineName, pipelinesQuery } from './pipelines.schema.js';
import { PipelinesService } from './pipelines.service.js';

const viewOf = ({ title, evaluationDatasetName, ...pipeline }: PipelineEntity, nextFires: ReadonlyMap<string, Date>) => ({
  ...pipeline,
  /** When the schedule is due next; null without one. */
  nextFireAt: nextFires.get(pipeline.name) ?? null,
  ...(title === null ? {} : { title }),
  ...(evaluationDatasetName === null ? {} : { evaluationDatasetName }),
});
type PipelineView = ReturnType<typeof viewOf>;

@ApiTags('pipelines')
@Controller('v1/pipelines')
export class PipelinesController {
  constructor(private readonly pipelines: PipelinesService) {}

  @Post()
  @Roles('scientist', 'admin')
  @Idempotent()
  @ApiOperation({ summary: 'Make a pipeline: the recipe of a training, and when to train' })
  async create(@Body({ schema: newPipeline }) body: NewPipeline, @Credential() caller: Caller): Promise<PipelineView> {
    requireNames(caller, body);
    return this.view(await this.pipelines.create(body, caller.identity));
  }

  @Get()
  @Roles('scientist', 'operator', 'approver', 'auditor', 'admin')
  @ApiOperation({ summary: 'List pipelines by name' })
  async list(@Query({ schema: pipelinesQuery }) query: PageQuery, @Credential() caller: Caller): Promise<Page<PipelineView>> {
    const page = await this.pipelines.list(query, caller);
    const nextFires = await this.pipelines.nextFires(page.items);
    return { ...page, items: page.items.map((pipeline) => viewOf(pipeline, nextFires)) };
  }

  @Get(':name')
  @Roles('scientist', 'operator', 'approver', 'auditor', 'admin')
  @ApiOperation({ summary: 'Read a pipeline' })
  async get(@Param('name', { schema: pipelineName }) name: string, @Credential() caller: Caller): Promise<PipelineView> {
    const pipeline = await this.pipelines.get(name);
    requireNames(caller, pipeline);
    return this.view(pipeline);
  }

  @Put(':name')
  @Roles('scientist', 'admin')
  @ApiOperation({ summary: 'Replace a pipeline; runs requested before keep their recipe' })
  async replace(
    @Param('name', { schema: pipelineName }) name: string,
    @Body({ schema: pipelineBody }) body: PipelineBody,
    @Credential() caller: Caller,
  ): Promise<PipelineView> {
    requireNames(caller, await this.pipelines.get(name));
    requireNames(caller, body);
    return this.view(await this.pipelines.replace(name, body));
  }

  private async view(pipeline: PipelineEntity): Promise<PipelineView> {
    return viewOf(pipeline, await this.pipelines.nextFires([pipeline]));
  }
}
