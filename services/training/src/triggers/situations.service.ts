import { FreezeSwitch } from '@bascule/access';
import { Clock } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { BrokenFeaturesService } from '../broken-features/broken-features.service.js';
import { overlaps } from '../broken-features/overlap.js';
import { DatasetsService } from '../datasets/datasets.service.js';
import type { PipelineEntity } from '../pipelines/pipeline.entity.js';
import type { RunEntity } from '../runs/run.entity.js';
import { RunsService } from '../runs/runs.service.js';
import type { NewSignal } from '../signals/signals.service.js';
import type { Situation } from './trigger-policy.js';

/** Gathers what a trigger decision rests on. */
@Injectable()
export class SituationsService {
  constructor(
    private readonly runs: RunsService,
    private readonly datasets: DatasetsService,
    private readonly brokenFeatures: BrokenFeaturesService,
    private readonly freeze: FreezeSwitch,
    private readonly clock: Clock,
  ) {}

  async describe(pipeline: PipelineEntity, signal: Pick<NewSignal, 'cause' | 'features' | 'windowFrom' | 'windowTo'>): Promise<Situation> {
    const [active, last, succeeded, unpublishedDatasets] = [
      await this.runs.findActive(pipeline.name),
      await this.runs.findLast(pipeline.name),
      await this.runs.findLastSucceeded(pipeline.name),
      await this.unpublished(pipeline),
    ];
    const used = pipeline.features.map(({ name }) => name);
    return {
      cause: signal.cause,
      rules: pipeline.triggers,
      now: this.clock.now(),
      isLoopFrozen: this.freeze.isFrozen(),
      activeRunId: active?.id,
      lastRunAt: last?.requestedAt,
      hasSucceededRun: succeeded !== null,
      unpublishedDatasets,
      newLabelledRows: await this.countNewRows(pipeline, succeeded),
      driftedFeatures: signal.features.filter((feature) => used.includes(feature)),
      brokenFeatures: await this.brokenIn(pipeline, signal),
      answeredBy: await this.findAnswer(succeeded, signal.windowTo),
    };
  }

  private async unpublished({ datasetName, evaluationDatasetName }: PipelineEntity): Promise<string[]> {
    const names = [...new Set([datasetName, evaluationDatasetName ?? datasetName])];
    const latest = await Promise.all(names.map((name) => this.datasets.findLatest(name)));
    return names.filter((_, index) => !latest[index]);
  }

  private async countNewRows({ datasetName }: PipelineEntity, trained: RunEntity | null): Promise<number> {
    const latest = await this.datasets.findLatest(datasetName);
    const before = trained && (await this.datasets.find(trained.datasetName, trained.datasetVersion));
    return Math.max(0, (latest?.labelledCount ?? 0) - (before?.labelledCount ?? 0));
  }

  private async brokenIn(
    { modelName }: PipelineEntity,
    { features, windowFrom, windowTo }: Pick<NewSignal, 'features' | 'windowFrom' | 'windowTo'>,
  ) {
    if (!windowFrom || !windowTo || features.length === 0) return [];
    const windows = await this.brokenFeatures.list(modelName, features);
    const during = windows.filter((window) => overlaps(window, { from: windowFrom, to: windowTo }));
    return [...new Set(during.map(({ feature }) => feature))].sort();
  }

  /** A run that saw data from beyond the window has already answered what happened in it. */
  private async findAnswer(succeeded: RunEntity | null, windowTo: Date | null): Promise<string | undefined> {
    if (!succeeded || !windowTo) return undefined;
    const trained = await this.datasets.find(succeeded.datasetName, succeeded.datasetVersion);
    return trained && trained.occurredTo >= windowTo ? succeeded.id : undefined;
  }
}
