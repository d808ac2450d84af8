import { FreezeSwitch } from '@bascule/access';
import { Clock, CONFIG } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import { BrokenFeaturesService } from '../broken-features/broken-features.service.js';
import { overlaps } from '../broken-features/overlap.js';
import type { Config } from '../config.js';
import { DataFactsService } from '../data-checks/data-facts.service.js';
import { DatasetsService } from '../datasets/datasets.service.js';
import type { PipelineEntity } from '../pipelines/pipeline.entity.js';
import { triggers } from '../pipelines/triggers.schema.js';
import { ProposalsService } from '../proposals/proposals.service.js';
import type { RunEntity } from '../runs/run.entity.js';
import { midnightOf } from '../runs/run-usage.js';
import { RunUsageService } from '../runs/run-usage.service.js';
import { RunsService } from '../runs/runs.service.js';
import type { NewSignal } from '../signals/signals.service.js';
import type { Situation } from './situation.js';
import { type Decision, decideTrigger, needsData } from './trigger-policy.js';

type Seen = Pick<NewSignal, 'cause' | 'features' | 'windowFrom' | 'windowTo' | 'nominalAt'>;

/** Gathers what a trigger decision rests on. */
@Injectable()
export class SituationsService {
  constructor(
    private readonly runs: RunsService,
    private readonly datasets: DatasetsService,
    private readonly brokenFeatures: BrokenFeaturesService,
    private readonly usage: RunUsageService,
    private readonly proposals: ProposalsService,
    private readonly dataFacts: DataFactsService,
    private readonly freeze: FreezeSwitch,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Decides about a cause; the new data are looked at last, where nothing else holds the run. */
  async decide(pipeline: PipelineEntity, signal: Seen): Promise<Decision> {
    const situation = await this.describe(pipeline, signal);
    const decision = decideTrigger(situation);
    if (!needsData(decision, situation)) return decision;
    const data = await this.dataFacts.describe(pipeline, await this.runs.findLastSucceeded(pipeline.name));
    return data ? decideTrigger({ ...situation, data }) : decision;
  }

  private async describe(pipeline: PipelineEntity, signal: Seen): Promise<Situation> {
    const [active, last, succeeded, unpublishedDatasets] = [
      await this.runs.findActive(pipeline.name),
      await this.runs.findLast(pipeline.name),
      await this.runs.findLastSucceeded(pipeline.name),
      await this.unpublished(pipeline),
    ];
    const used = pipeline.features.map(({ name }) => name);
    const now = this.clock.now();
    const declined = await this.proposals.findLastDeclined(pipeline.name);
    return {
      cause: signal.cause,
      // one that was stored before a rule existed gets the default of the rule
      rules: triggers.parse(pipeline.triggers),
      now,
      nominalAt: signal.nominalAt ?? undefined,
      lastDeclinedAt: declined?.answeredAt ?? undefined,
      load: { activeRuns: await this.usage.countActive(), maxActiveRuns: this.config.MAX_ACTIVE_RUNS },
      usedToday: await this.usage.since(pipeline.name, midnightOf(now)),
      lossesInARow: await this.usage.lossesInARow(pipeline.name, pipeline.updatedAt),
      isLoopFrozen: this.freeze.isFrozen(),
      activeRunId: active?.id,
      lastRunAt: last?.requestedAt,
      hasSucceededRun: succeeded !== null,
      unpublishedDatasets,
      ...(await this.countNewRows(pipeline, succeeded)),
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

  private async countNewRows({ datasetName }: PipelineEntity, trained: RunEntity | null) {
    const latest = await this.datasets.findLatest(datasetName);
    const before = trained && (await this.datasets.find(trained.datasetName, trained.datasetVersion));
    return {
      newLabelledRows: Math.max(0, (latest?.labelledCount ?? 0) - (before?.labelledCount ?? 0)),
      newRows: Math.max(0, (latest?.rowCount ?? 0) - (before?.rowCount ?? 0)),
    };
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
