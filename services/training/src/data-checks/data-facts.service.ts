import { Logger } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import type { DatasetVersionEntity } from '../datasets/dataset-version.entity.js';
import { DatasetsService } from '../datasets/datasets.service.js';
import type { PipelineEntity } from '../pipelines/pipeline.entity.js';
import type { RunEntity } from '../runs/run.entity.js';
import type { DataFacts } from '../triggers/situation.js';
import { BatchChecksService } from './batch-checks.service.js';
import { LabelFactsService } from './label-facts.service.js';
import { LabelSelectionsService } from './label-selections.service.js';

/** What is known of the data that came since a pipeline was last trained. */
@Injectable()
export class DataFactsService {
  constructor(
    private readonly datasets: DatasetsService,
    private readonly batches: BatchChecksService,
    private readonly labels: LabelFactsService,
    private readonly selections: LabelSelectionsService,
    private readonly log: Logger,
  ) {}

  async describe(pipeline: PipelineEntity, succeeded: RunEntity | null): Promise<DataFacts | undefined> {
    const latest = await this.datasets.findLatest(pipeline.datasetName);
    if (!latest) return undefined;
    const trained = succeeded && (await this.datasets.find(succeeded.datasetName, succeeded.datasetVersion));
    const counts = await this.batches.countsOf(await this.datasets.batchesBetween(trained, latest));
    const selections = await this.selections.since(pipeline.modelName, succeeded?.requestedAt);
    return { ...counts, selections, ...(await this.compareLabels(pipeline, trained, latest)) };
  }

  private async compareLabels(pipeline: PipelineEntity, trained: DatasetVersionEntity | null, latest: DatasetVersionEntity) {
    if (!trained || trained.version === latest.version || trained.datasetName !== latest.datasetName) return {};
    try {
      return await this.labels.compare(pipeline, trained, latest);
    } catch (error) {
      // the run itself will say what is wrong with the files: here they only cannot be compared
      this.log.warn({ err: error, pipeline: pipeline.name, datasetVersion: latest.version }, 'labels could not be compared');
      return {};
    }
  }
}
