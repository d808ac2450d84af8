import { type Credential, likePatterns } from '@bascule/access';
import type {
  BatchRejected,
  BatchValidated,
  DatasetPublished,
  DriftDetected,
  FeatureBroken,
  PerformanceDegraded,
} from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Clock, decodeCursor, eachInTurn, type Page, pageOf } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { BrokenFeaturesService } from '../broken-features/broken-features.service.js';
import { BatchChecksService } from '../data-checks/batch-checks.service.js';
import { DatasetsService } from '../datasets/datasets.service.js';
import { pipelineNotFound, triggerHeld } from '../errors.js';
import type { PipelineEntity } from '../pipelines/pipeline.entity.js';
import { narrowByDatasets } from '../pipelines/pipeline-names.js';
import { PipelinesService } from '../pipelines/pipelines.service.js';
import type { RunEntity } from '../runs/run.entity.js';
import type { RunRequest } from '../runs/runs.schema.js';
import type { SignalEntity } from '../signals/signal.entity.js';
import { type NewSignal, SignalsService } from '../signals/signals.service.js';
import { type DecidedCause, DecisionsService } from './decisions.service.js';
import { SituationsService } from './situations.service.js';
import { TriggerEntity } from './trigger.entity.js';
import { brokenReason, type Decision } from './trigger-policy.js';
import type { TriggersQuery } from './triggers.schema.js';

/**
 * A held cause that says all an event would say was weighed within so many milliseconds: the event joins it and changes nothing.
 * Held causes are weighed again from time to time, so that nothing is missed however long this is.
 */
const stormMs = 60_000;
/** Pipelines whose held causes are weighed again at a time: the cost does not grow with how many wait. */
const reconsideredAtATime = 25;
const byHand = { cause: 'manual' as const, features: [], windowFrom: null, windowTo: null };

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
    private readonly batches: BatchChecksService,
    private readonly clock: Clock,
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

  /** The checks of a batch are known: what waited for them is weighed again. */
  async weighChecked(event: BatchValidated): Promise<void> {
    await this.batches.noteValidated(event);
    for (const { name } of await this.pipelines.listByDataset(event.data.datasetName)) await this.weighPending(name);
  }

  /** A batch that failed as a whole brings no version to train on; that nothing happens is said, with the reason. */
  async holdRejected(event: BatchRejected): Promise<void> {
    await this.batches.noteRejected(event);
    const { batchId, datasetName, reasons } = event.data;
    const text = `batch ${batchId} failed its checks and is in no dataset version: ${reasons.join('; ')}`;
    const decision: Decision = { outcome: 'hold', reasons: [{ code: `rejected:${batchId}`, text }], isPending: false };
    for (const { name } of await this.pipelines.listByDataset(datasetName)) {
      const pipeline = await this.pipelines.lock(name);
      const cause = decidedOf({ ...causeOf(event, name), cause: 'dataset-published' });
      if (pipeline) await this.decisions.carryOut(pipeline, cause, decision);
    }
  }

  /** A time of a schedule has come: runs, is held and waits, or passes. Must be called under the lock of the pipeline. */
  async weighFire(pipeline: PipelineEntity, nominalAt: Date): Promise<void> {
    const signal = await this.signals.put({
      ...{ pipelineName: pipeline.name, cause: 'schedule' as const, features: [] },
      ...{ eventId: null, correlationId: null, windowFrom: null, windowTo: null, nominalAt },
      key: pipeline.triggers.schedule?.catchUp === 'all' ? nominalAt.toISOString() : '',
    });
    await this.weigh(pipeline, signal);
  }

  /** Says that times of a schedule were passed over. */
  async holdMissed(pipeline: PipelineEntity, { count, from, to }: { count: number; from: Date; to: Date }): Promise<void> {
    const { catchUp } = pipeline.triggers.schedule ?? {};
    const text = `${count} due times from ${from.toISOString()} to ${to.toISOString()} were missed; the schedule catches up: ${catchUp}`;
    const decision: Decision = { outcome: 'hold', reasons: [{ code: 'missed', text }], isPending: false };
    await this.decisions.carryOut(pipeline, { cause: 'schedule', requestedBy: 'trigger:schedule', nominalAt: to }, decision);
  }

  /** Weighs held causes again that were not weighed for longest: time passed. */
  async weighLongestPending(): Promise<void> {
    await eachInTurn(await this.signals.listPipelineNames(reconsideredAtATime), (name) => this.weighPending(name));
  }

  /** Weighs every held cause of every pipeline again: the loop was unfrozen. */
  async weighAllPending(): Promise<void> {
    await eachInTurn(await this.signals.listPipelineNames(), (name) => this.weighPending(name));
  }

  /** A run somebody asks for: only a freeze, a running run or missing data stand in its way. */
  async requestByHand(pipelineName: string, requestedBy: string, { reuse, ...asked }: RunRequest): Promise<RunEntity> {
    return this.transactions.run(async () => {
      const pipeline = await this.pipelines.lock(pipelineName);
      if (!pipeline) throw pipelineNotFound({ name: pipelineName });
      return this.requestOrRefuse(pipeline, { ...asked, cause: 'manual', requestedBy, fresh: !reuse });
    });
  }

  /** Starts what a person lets go, of whatever cause; or says what stands in its way, and keeps that on record. */
  async requestOrRefuse(pipeline: PipelineEntity, decided: DecidedCause, because?: string): Promise<RunEntity> {
    const decision = await this.situations.decide(pipeline, byHand);
    if (decision.outcome === 'run') {
      const reasons = because ? [{ code: 'accepted', text: because }] : decision.reasons;
      const run = await this.decisions.carryOut(pipeline, decided, { ...decision, reasons });
      if (run) return run;
    }
    // what is refused is rolled back, that it was refused is not
    await this.transactions.runDetached(() => this.decisions.carryOut(pipeline, decided, decision));
    throw triggerHeld({ pipeline: pipeline.name }, `Not now: ${decision.reasons.map(({ text }) => text).join('; ')}.`);
  }

  /** Decisions about models and datasets the credential may touch, newest first. */
  async list({ limit, cursor, pipeline }: TriggersQuery, credential: Credential): Promise<Page<TriggerEntity>> {
    const query = this.transactions.manager
      .createQueryBuilder(TriggerEntity, 'trigger')
      .where('trigger.modelName like any(:models)', { models: likePatterns(credential.models) })
      .orderBy('trigger.id', 'DESC')
      .limit(limit + 1);
    narrowByDatasets(query, credential);
    if (pipeline !== undefined) query.andWhere('trigger.pipelineName = :pipeline', { pipeline });
    if (cursor) query.andWhere('trigger.id < :before', { before: decodeCursor(cursor, z.uuid()) });
    const rows = await query.getMany();
    return pageOf(rows, limit, (last) => last.id);
  }

  /** An observation that is void on its own is said and forgotten; it must not take the place of a held one that counts. */
  private async weighObservation(event: DriftDetected | PerformanceDegraded, seen: Pick<NewSignal, 'cause' | 'features'>): Promise<void> {
    const { from, to } = event.data.window;
    const observed = { ...seen, windowFrom: new Date(from), windowTo: new Date(to) };
    // where a held cause that was just weighed says all of it, one event more decides nothing new
    const weighedSince = new Date(this.clock.now().getTime() - stormMs);
    for (const name of await this.signals.listUntold(event.data.modelName, observed, weighedSince)) {
      const signal = { ...causeOf(event, name), ...observed };
      const pipeline = await this.pipelines.lock(name);
      if (!pipeline) continue;
      const decision = await this.situations.decide(pipeline, signal);
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
      for (const signal of await this.signals.list(pipelineName)) await this.weigh(pipeline, signal);
    });
  }

  private async weigh(pipeline: PipelineEntity, signal: SignalEntity): Promise<void> {
    const decision = await this.situations.decide(pipeline, signal);
    await this.decisions.carryOut(pipeline, decidedOf(signal), decision);
    if (decision.isPending) await this.signals.noteWeighed(signal);
    else await this.signals.remove(signal);
  }
}

function causeOf(
  event: DatasetPublished | DriftDetected | PerformanceDegraded | FeatureBroken | BatchRejected,
  pipelineName: string,
): Omit<NewSignal, 'cause'> {
  return { pipelineName, features: [], eventId: event.id, correlationId: event.correlationid, windowFrom: null, windowTo: null };
}

function decidedOf({ cause, eventId, correlationId, nominalAt }: NewSignal): DecidedCause {
  const from = { causationId: eventId ?? undefined, correlationId: correlationId ?? undefined, nominalAt: nominalAt ?? undefined };
  return { cause, requestedBy: `trigger:${cause}`, ...from };
}
