import type { AbMetric } from '@bascule/contracts';
import { Clock } from '@bascule/platform';
import type { Moments } from '@bascule/stats';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { MonitoringPolicy } from '../policies/policy.js';
import { expectedLabels, stepSeconds } from './awaited-labels.js';
import { type ActiveStep, labelledSince, loss as lossOf, rolloutEvidence } from './canary.queries.js';
import type { Disagreement, MetricSides, RolloutEvidence } from './canary-evidence.js';
import type { CanaryEvidence } from './judge-canary.js';
import {
  copiesDisagreement,
  copiesLabels,
  decisionMetric,
  labelBias,
  labelMetric,
  outputHistograms,
  type Sides,
} from './outputs.queries.js';
import { RolloutMeasures } from './rollout-measures.service.js';

/** Gathers what is known about the present step of a rollout: the canary and a fresh baseline over the same time. */
@Injectable()
export class RolloutEvidenceService {
  constructor(
    private readonly measures: RolloutMeasures,
    private readonly clock: Clock,
  ) {}

  async of(manager: EntityManager, step: ActiveStep, policy: MonitoringPolicy['canary']): Promise<RolloutEvidence> {
    const strategy = step.strategy ?? { steps: [step.percent] };
    const sides = sidesOf(step);
    const metric = strategy.test?.metric ?? policy.business?.metric;
    const copies = await copiesOf(manager, step, sides);
    const labelled = await this.labelledOf(manager, step, copies, policy.minLabelled ?? expectedLabels);
    const now = this.clock.now().getTime();
    return {
      step: step.step,
      secondsInStep: (now - step.started_at.getTime()) / 1000,
      secondsWatched: this.measures.secondsWatched(),
      strategy,
      labelledOfLate: policy.minLabelled === null ? await this.labelledOfLate(manager, step, stepSeconds({ strategy }, policy)) : 0,
      looks: step.looks,
      labelled,
      bias: { ...(await labelBias(manager, sides, step.started_at)), ...(copies ? { [copies.side]: copies.bias } : {}) },
      measures: this.measures.of(step.rollout_id, step.model_version, step.champion_version),
      outputs: (await outputHistograms(manager, sides, await stepStarts(manager, step.rollout_id))).strata,
      disagreement: copies?.disagreement ?? { rows: 0, disagreeing: 0, meanDifference: 0 },
      declared: metric && (await this.declared(manager, sides, metric, step.started_at)),
    };
  }

  private async labelledOfLate(manager: EntityManager, { model_name }: ActiveStep, seconds: number): Promise<number> {
    const since = Math.max(0, this.clock.now().getTime() - seconds * 1000);
    return labelledSince(manager, model_name, new Date(since), expectedLabels);
  }

  private declared(manager: EntityManager, sides: Sides, metric: AbMetric, since: Date): Promise<MetricSides> {
    return metric.kind === 'label' ? labelMetric(manager, sides, since) : decisionMetric(manager, sides, metric.outcome, since);
  }

  private async labelledOf(manager: EntityManager, step: ActiveStep, copies: Copies | undefined, enough: number): Promise<CanaryEvidence> {
    const seeing = copies?.side === 'canary' ? step.model_version : step.champion_version;
    const inStep = await rolloutEvidence(manager, step.rollout_id, step.started_at, seeing);
    const lastLook = step.last_look;
    const canary = inStep(step.model_version);
    const champion = inStep(step.champion_version);
    if (copies?.side === 'champion') {
      return { canary, champion: { ...champion, loss: copies.loss }, championSource: 'on copies in this step', lastLook };
    }
    const seen = copies ? { ...canary, loss: copies.loss } : canary;
    if (champion.loss.count >= enough) return { canary: seen, champion, championSource: 'in this step', lastLook };
    // a champion with a small share is represented by what it answered in the steps before as well
    const inRollout = (await rolloutEvidence(manager, step.rollout_id, step.rollout_started_at, seeing))(step.champion_version);
    return { canary: seen, champion: inRollout, championSource: 'in this rollout', lastLook };
  }
}

/** What one of the versions answered to copies, beside the answers that clients got to the same requests. */
interface Copies {
  readonly side: 'canary' | 'champion';
  readonly loss: Moments;
  readonly bias: Moments;
  readonly disagreement: Disagreement;
}

/** A shadow sees copies, and so does a champion that has given away its share; undefined where nobody did in this step. */
async function copiesOf(manager: EntityManager, step: ActiveStep, { isShadow }: Sides): Promise<Copies | undefined> {
  if (!isShadow && step.percent < 100) return undefined;
  const { rollout_id: rolloutId, started_at: since } = step;
  const version = isShadow ? step.model_version : step.champion_version;
  const disagreement = await copiesDisagreement(manager, rolloutId, version, since);
  // a champion made for other requests, or a gateway of an earlier release, answers no copies
  if (!isShadow && disagreement.rows === 0) return undefined;
  const { loss, bias } = await copiesLabels(manager, rolloutId, version, since, lossOf);
  return { side: isShadow ? 'canary' : 'champion', loss, bias, disagreement };
}

/** Whose answers a rollout compares. */
export function sidesOf({
  rollout_id,
  model_version,
  champion_version,
  strategy,
}: Pick<ActiveStep, 'rollout_id' | 'model_version' | 'champion_version' | 'strategy'>): Sides {
  return { rolloutId: rollout_id, version: model_version, championVersion: champion_version, isShadow: strategy?.kind === 'shadow' };
}

/** When each step of a rollout began. */
export async function stepStarts(manager: EntityManager, rolloutId: string): Promise<Date[]> {
  const rows = (await manager.query('select started_at from rollout_steps where rollout_id = $1 order by step', [rolloutId])) as {
    started_at: Date;
  }[];
  return rows.map(({ started_at }) => started_at);
}
