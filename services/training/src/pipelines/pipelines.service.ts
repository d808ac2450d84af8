import { type Credential, likePatterns } from '@bascule/access';
import { Transactions } from '@bascule/database';
import { Clock, decodeCursor, type Page, type PageQuery, pageOf } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { DatasetsService } from '../datasets/datasets.service.js';
import { pipelineExists, pipelineNotFound, resourcesUnavailable } from '../errors.js';
import { Executor } from '../execution/executor.js';
import { SchedulesService } from '../schedules/schedules.service.js';
import { SignalsService } from '../signals/signals.service.js';
import { TrainersService } from '../trainer-programs/trainers.service.js';
import { isBuiltIn } from '../trainers/built-in.js';
import { builtInParams } from '../trainers/job.schema.js';
import { PipelineEntity } from './pipeline.entity.js';
import { narrowByDatasets } from './pipeline-names.js';
import { PipelineVersionsService, type WrittenBy } from './pipeline-versions.service.js';
import type { NewPipeline, PipelineBody } from './pipelines.schema.js';

/** Recipes of training. */
@Injectable()
export class PipelinesService {
  constructor(
    private readonly transactions: Transactions,
    private readonly datasets: DatasetsService,
    private readonly signals: SignalsService,
    private readonly schedules: SchedulesService,
    private readonly trainers: TrainersService,
    private readonly executor: Executor,
    private readonly versions: PipelineVersionsService,
    private readonly clock: Clock,
  ) {}

  async create({ name, ...body }: NewPipeline, by: WrittenBy): Promise<PipelineEntity> {
    await this.requireMeans(body);
    return this.transactions.run(async (manager) => {
      await this.datasets.lock(body.datasetName);
      if (await manager.existsBy(PipelineEntity, { name })) throw pipelineExists({ name });
      const now = this.clock.now();
      const pipeline = manager.create(PipelineEntity, {
        name,
        ...columnsOf(body),
        version: 1,
        createdBy: by.identity,
        createdAt: now,
        updatedAt: now,
      });
      await manager.insert(PipelineEntity, pipeline);
      await this.versions.add(name, 1, body, by);
      await this.arrange(pipeline);
      return pipeline;
    });
  }

  /** Replaces everything but the name; the same again makes no new version. Runs that were requested before keep their recipe. */
  async replace(name: string, body: PipelineBody, by: WrittenBy): Promise<PipelineEntity> {
    await this.requireMeans(body);
    return this.transactions.run(async (manager) => {
      await this.datasets.lock(body.datasetName);
      const pipeline = await this.lock(name);
      if (!pipeline) throw pipelineNotFound({ name });
      if (await this.versions.isSame(name, pipeline.version, body)) return pipeline;
      const version = pipeline.version + 1;
      await this.versions.add(name, version, body, by);
      Object.assign(pipeline, columnsOf(body), { version, updatedAt: this.clock.now() });
      await manager.save(PipelineEntity, pipeline);
      await this.arrange(pipeline);
      return pipeline;
    });
  }

  async get(name: string): Promise<PipelineEntity> {
    const pipeline = await this.transactions.manager.findOneBy(PipelineEntity, { name });
    if (!pipeline) throw pipelineNotFound({ name });
    return pipeline;
  }

  /** The pipeline under a row lock that leaves references to it free: decisions about one pipeline are made one after another, whichever replica makes them. */
  async lock(name: string): Promise<PipelineEntity | null> {
    return this.transactions.manager.findOne(PipelineEntity, { where: { name }, lock: { mode: 'for_no_key_update' } });
  }

  /** Pipelines whose model and datasets the credential may touch, by name. */
  async list({ limit, cursor }: PageQuery, credential: Credential): Promise<Page<PipelineEntity>> {
    const after = cursor ? decodeCursor(cursor, z.string()) : '';
    const query = this.transactions.manager
      .createQueryBuilder(PipelineEntity, 'pipeline')
      .where('pipeline.name > :after', { after })
      .andWhere('pipeline.modelName like any(:models)', { models: likePatterns(credential.models) })
      .orderBy('pipeline.name')
      .limit(limit + 1);
    narrowByDatasets(query, credential);
    return pageOf(await query.getMany(), limit, (last) => last.name);
  }

  async listByModel(modelName: string): Promise<PipelineEntity[]> {
    return this.transactions.manager.find(PipelineEntity, { where: { modelName }, order: { name: 'ASC' } });
  }

  /** Pipelines that train or evaluate on the dataset. */
  async listByDataset(datasetName: string): Promise<PipelineEntity[]> {
    return this.transactions.manager.find(PipelineEntity, {
      where: [{ datasetName }, { evaluationDatasetName: datasetName }],
      order: { name: 'ASC' },
    });
  }

  /** Next times of the schedules of these pipelines. */
  async nextFires(pipelines: readonly PipelineEntity[]): Promise<Map<string, Date>> {
    return this.schedules.nextFires(pipelines.map(({ name }) => name));
  }

  /** What a pipeline asks for must be there: its trainer, and limits that can be kept. */
  private async requireMeans({ trainer, resources }: PipelineBody): Promise<void> {
    this.trainers.require(trainer);
    const faults = await this.executor.faultsOf(resources);
    if (faults.length > 0) throw resourcesUnavailable({ faults }, `${faults.join('; ')}.`);
  }

  private async arrange({ name, datasetName, triggers }: PipelineEntity): Promise<void> {
    await this.schedules.put(name, triggers.schedule);
    // times of a schedule that was taken away are not made up for
    if (!triggers.schedule) await this.signals.removeCause(name, 'schedule');
    // a pipeline made after its dataset was published must not wait for the next version
    const latest = await this.datasets.findLatest(datasetName);
    if (!latest) return;
    const none = { eventId: null, correlationId: null, windowFrom: null, windowTo: null };
    await this.signals.put({ pipelineName: name, cause: 'dataset-published', features: [], ...none });
  }
}

function columnsOf({ title, evaluationDatasetName, search, ...body }: PipelineBody) {
  // with the defaults, so that a run later has the same ones
  const params = isBuiltIn(body.trainer) ? builtInParams[body.trainer].parse(body.params) : body.params;
  return { ...body, params, search: search ?? null, title: title ?? null, evaluationDatasetName: evaluationDatasetName ?? null };
}
