import { type Credential, likePatterns } from '@bascule/access';
import type { DatasetPublished, DriftDetected, FeatureBroken, PerformanceDegraded } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { decodeCursor, type Page, pageOf } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { BrokenFeaturesService } from '../broken-features/broken-features.service.js';
import { DatasetsService } from '../datasets/datasets.service.js';
import { pipelineNotFound, triggerHeld } from '../errors.js';
import { PipelinesService } from '../pipelines/pipelines.service.js';
import type { RunEntity } from '../runs/run.entity.js';
import { type NewSignal, SignalsService } from '../signals/signals.service.js';
import { type DecidedCause, DecisionsService } from './decisions.service.js';
import { SituationsService } from './situations.service.js';
import { TriggerEntity } from './trigger.entity.js';
import { brokenReason, decideTrigger } from './trigger-policy.js';
import type { TriggersQuery } from './triggers.schema.js';

/** Weighs reasons to train against the brakes. */
@Injectable()
export class TriggersService {
  constructor(
    private readonly transactions: Transactions,
    private readonly pipelines: PipelinesService,
    private readonly datasets: DatasetsService,
    private readonly brokenFeatures: BrokenFeaturesService,
    private readonly signals: SignalsService,
    private readonly situations: SituationsService,
    private readonly decisions: DecisionsService,
  ) {}

  /** A first version is a reason of its own; a later one lets held causes be weighed again. */
  async weighDataset(event: DatasetPublished): Promise<void> {
    await this.datasets.record(event);
    const { datasetName } = event.data;
    for (const pipeline of await this.pipelines.listByDataset(datasetName)) {
      if (pipeline.datasetName === datasetName) {
        await this.signals.put({ ...causeOf(event, pipeline.name), cause: 'dataset-published' });
      }
      await this.weighPending(pipeline.name);
    }
  }

  async weighDrift(event: DriftDetected): Promise<void> {
    const features = event.data.features.map(({ feature }) => feature);
    await this.weighObservation(event, { cause: 'drift-detected', features });
  }

  async weighPerformance(event: PerformanceDegraded): Promise<void> {
    await this.weighObservation(event, { cause: 'performance-degraded', features: [] });
  }

  /** A fault is no reason to train: it is remembered, said, and its rows are left out of later runs. */
  async holdBroken(event: FeatureBroken): Promise<void> {
    await this.brokenFeatures.record(event);
    const { modelName, feature, fault } = event.data;
    for (const { name, features } of await this.pipelines.listByModel(modelName)) {
      if (!features.some((used) => used.name === feature)) continue;
      const { code, text } = brokenReason(feature);
      const reasons = [{ code, text: `${text} (${fault}: ${event.data.reasons.join('; ')})` }];
      const pipeline = await this.pipelines.lock(name);
      if (!pipeline) continue;
      const cause = decidedOf({ ...causeOf(event, name), cause: 'drift-detected' });
      await this.decisions.carryOut(pipeline, cause, { outcome: 'hold', reasons, isPending: false });
      await this.weighPending(name);
    }
  }

  /** Weighs every held cause of every pipeline again: time passed, or the loop was unfrozen. */
  async weighAllPending(): Promise<void> {
    for (const name of await this.signals.listPipelineNames()) await this.weighPending(name);
  }

  /** A run somebody asks for: only a freeze, a running run or missing data stand in its way. */
  async requestByHand(pipelineName: string, requestedBy: string, datasetVersion: string | undefined): Promise<RunEntity> {
    return this.transactions.run(async () => {
      const pipeline = await this.pipelines.lock(pipelineName);
      if (!pipeline) throw pipelineNotFound({ name: pipelineName });
      const decision = decideTrigger(
        await this.situations.describe(pipeline, { cause: 'manual', features: [], windowFrom: null, windowTo: null }),
      );
      const run =
        decision.outcome === 'run' && (await this.decisions.carryOut(pipeline, { cause: 'manual', requestedBy, datasetVersion }, decision));
      if (!run) throw triggerHeld({ pipeline: pipelineName }, `Not now: ${decision.reasons.map(({ text }) => text).join('; ')}.`);
      return run;
    });
  }

  /** Decisions about models the credential may touch, newest first. */
  async list({ limit, cursor, pipeline }: TriggersQuery, { models }: Credential): Promise<Page<TriggerEntity>> {
    const query = this.transactions.manager
      .createQueryBuilder(TriggerEntity, 'trigger')
      .where('trigger.modelName like any(:models)', { models: likePatterns(models) })
      .orderBy('trigger.id', 'DESC')
      .limit(limit + 1);
    if (pipeline !== undefined) query.andWhere('trigger.pipelineName = :pipeline', { pipeline });
    if (cursor) query.andWhere('trigger.id < :before', { before: decodeCursor(cursor, z.uuid()) });
    const rows = await query.getMany();
    return pageOf(rows, limit, (last) => last.id);
  }

  /** An observation that is void on its own is said and forgotten; it must not take the place of a held one that counts. */
  private async weighObservation(event: DriftDetected | PerformanceDegraded, seen: Pick<NewSignal, 'cause' | 'features'>): Promise<void> {
    const { from, to } = event.data.window;
    for (const { name } of await this.pipelines.listByModel(event.data.modelName)) {
      const signal = { ...causeOf(event, name), ...seen, windowFrom: new Date(from), windowTo: new Date(to) };
      const pipeline = await this.pipelines.lock(name);
      if (!pipeline) continue;
      const decision = decideTrigger(await this.situations.describe(pipeline, signal));
      if (decision.outcome === 'hold' && !decision.isPending) {
        await this.decisions.carryOut(pipeline, decidedOf(signal), decision);
        continue;
      }
      await this.signals.put(signal);
      await this.weighPending(name);
    }
  }

  private async weighPending(pipelineName: string): Promise<void> {
    await this.transactions.run(async () => {
      const pipeline = await this.pipelines.lock(pipelineName);
      if (!pipeline) return;
      for (const signal of await this.signals.list(pipelineName)) {
        const decision = decideTrigger(await this.situations.describe(pipeline, signal));
        await this.decisions.carryOut(pipeline, decidedOf(signal), decision);
        if (!decision.isPending) await this.signals.remove(signal);
      }
    });
  }
}

function causeOf(
  event: DatasetPublished | DriftDetected | PerformanceDegraded | FeatureBroken,
  pipelineName: string,
): Omit<NewSignal, 'cause'> {
  return { pipelineName, features: [], eventId: event.id, correlationId: event.correlationid, windowFrom: null, windowTo: null };
}

function decidedOf({ cause, eventId, correlationId }: NewSignal): DecidedCause {
  return { cause, requestedBy: `trigger:${cause}`, causationId: eventId ?? undefined, correlationId: correlationId ?? undefined };
}
