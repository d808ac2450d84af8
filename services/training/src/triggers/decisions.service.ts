import { triggerDecided } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock, newId } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { BrokenFeaturesService } from '../broken-features/broken-features.service.js';
import { mergeWindows } from '../broken-features/overlap.js';
import type { DatasetVersionEntity } from '../datasets/dataset-version.entity.js';
import { DatasetsService } from '../datasets/datasets.service.js';
import { datasetVersionNotFound } from '../errors.js';
import type { PipelineEntity } from '../pipelines/pipeline.entity.js';
import { datasetsOf } from '../pipelines/pipeline-names.js';
import { ProposalsService } from '../proposals/proposals.service.js';
import type { RunEntity } from '../runs/run.entity.js';
import { isFinal } from '../runs/run-state.js';
import type { Priority } from '../runs/runs.schema.js';
import { RunsService } from '../runs/runs.service.js';
import type { Cause } from './situation.js';
import { TriggerEntity } from './trigger.entity.js';
import { type Decision, fingerprintOf } from './trigger-policy.js';

export interface DecidedCause {
  readonly cause: Cause;
  readonly requestedBy: string;
  readonly causationId?: string | undefined;
  readonly correlationId?: string | undefined;
  /** Absent: the latest version. */
  readonly datasetVersion?: string | undefined;
  /** Of a schedule: the time that was due. */
  readonly nominalAt?: Date | undefined;
  /** Absent: as the pipeline says. */
  readonly priority?: Priority | undefined;
  readonly tags?: Record<string, string> | undefined;
  readonly note?: string | undefined;
  /** Nothing is to be taken over from earlier runs. */
  readonly fresh?: boolean | undefined;
  /** The proposal that a person accepted. */
  readonly proposalId?: string | undefined;
}

/** Stores and publishes trigger decisions, and carries them out. */
@Injectable()
export class DecisionsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly runs: RunsService,
    private readonly datasets: DatasetsService,
    private readonly brokenFeatures: BrokenFeaturesService,
    private readonly proposals: ProposalsService,
    private readonly clock: Clock,
  ) {}

  /** Records a decision, once per state of the pipeline; requests the run when there is to be one. */
  async carryOut(pipeline: PipelineEntity, decided: DecidedCause, decision: Decision): Promise<RunEntity | undefined> {
    return this.transactions.run(async () => {
      const triggerId = newId();
      const runId = decision.outcome === 'run' ? newId() : undefined;
      const correlationId = decided.correlationId ?? newId();
      const ids = { id: triggerId, runId };
      if (!(await this.store(pipeline, decided, decision, ids))) return undefined;
      const reasons = decision.reasons.map(({ text }) => text);
      const { name: pipelineName, modelName } = pipeline;
      const { cause, nominalAt } = decided;
      const causationId = await this.outbox.publish({
        definition: triggerDecided,
        data: {
          ...{ triggerId, pipelineName, modelName, ...datasetsOf(pipeline), cause, outcome: decision.outcome, reasons },
          ...(runId ? { runId } : {}),
          ...(nominalAt ? { nominalAt: nominalAt.toISOString() } : {}),
        },
        correlationId,
        ...(decided.causationId ? { causationId: decided.causationId } : {}),
      });
      if (decision.proposal) {
        const { datasetName, evaluationDatasetName } = pipeline;
        const names = { pipelineName, modelName, datasetName, evaluationDatasetName };
        const asked = { ...names, cause, triggerId, reasons: [decision.proposal.text] };
        await this.proposals.open(asked, { causationId, correlationId });
      }
      if (!runId) return undefined;
      if (!decided.proposalId) await this.proposals.supersede(pipeline, runId);
      return this.requestRun(pipeline, decided, { runId, triggerId, causationId, correlationId });
    });
  }

  private async store(
    pipeline: PipelineEntity,
    { cause, nominalAt }: DecidedCause,
    decision: Decision,
    { id, runId }: { id: string; runId: string | undefined },
  ): Promise<boolean> {
    const inserted = await this.transactions.manager
      .createQueryBuilder()
      .insert()
      .into(TriggerEntity)
      .values({
        ...{ id, pipelineName: pipeline.name, modelName: pipeline.modelName, cause, outcome: decision.outcome },
        ...{ datasetName: pipeline.datasetName, evaluationDatasetName: pipeline.evaluationDatasetName },
        reasons: decision.reasons.map(({ text }) => text),
        runId: runId ?? null,
        nominalAt: nominalAt ?? null,
        fingerprint: fingerprintOf(cause, decision, await this.stateOf(pipeline, runId, nominalAt)),
        decidedAt: this.clock.now(),
      })
      .orIgnore()
      .returning('id')
      .execute();
    return (inserted.raw as unknown[]).length > 0;
  }

  /** What tells two decisions of the same reasons apart: another run, the end of one, a declined proposal, another due time. */
  private async stateOf({ name }: PipelineEntity, runId: string | undefined, nominalAt: Date | undefined): Promise<string> {
    if (runId) return runId;
    const last = await this.runs.findLast(name);
    // an ended run is another state than an active one: a hold after it is worth a record of its own
    const ofRun = last ? `${last.id}:${isFinal(last.status) ? 'ended' : 'active'}` : 'no run';
    const declined = await this.proposals.findLastDeclined(name);
    return [ofRun, declined?.id, nominalAt?.toISOString()].filter(Boolean).join('@');
  }

  private async requestRun(
    pipeline: PipelineEntity,
    { requestedBy, datasetVersion, priority = pipeline.priority, fresh = false, tags = {}, note }: DecidedCause,
    ids: { runId: string; triggerId: string; causationId: string; correlationId: string },
  ): Promise<RunEntity> {
    const { name, modelName, datasetName, evaluationDatasetName } = pipeline;
    const dataset = await this.getVersion(datasetName, datasetVersion);
    const evaluation = evaluationDatasetName ? await this.getVersion(evaluationDatasetName, undefined) : dataset;
    const features = pipeline.features.map((feature) => feature.name);
    const broken = mergeWindows(await this.brokenFeatures.list(modelName, features));
    const { trainer, label, params, split, resources, search, gates } = pipeline;
    return this.runs.request({
      id: ids.runId,
      triggerId: ids.triggerId,
      causationId: ids.causationId,
      correlationId: ids.correlationId,
      pipelineName: name,
      pipelineVersion: pipeline.version,
      modelName,
      datasetName,
      evaluationDatasetName,
      datasetVersion: dataset.version,
      evaluationDatasetVersion: evaluation.version,
      recipe: {
        trainer,
        features: pipeline.features,
        label,
        params,
        split,
        evaluation: pipeline.evaluation,
        resources,
        ...(search ? { search } : {}),
        gates,
        ...(fresh ? { fresh } : {}),
        excludedWindows: broken.map(({ from, to }) => ({ from: from.toISOString(), to: to.toISOString() })),
      },
      priority,
      tags,
      note: note ?? null,
      requestedBy,
    });
  }

  private async getVersion(name: string, version: string | undefined): Promise<DatasetVersionEntity> {
    const found = version ? await this.datasets.find(name, version) : await this.datasets.findLatest(name);
    if (!found) throw datasetVersionNotFound({ dataset: name, ...(version ? { version } : {}) });
    return found;
  }
}
