import type { AbMetric } from '@bascule/contracts';
import { Clock } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { MonitoringPolicy } from '../policies/policy.js';
import { type ActiveStep, loss, lossBefore, rolloutEvidence } from './canary.queries.js';
import type { MetricSides, RolloutEvidence } from './canary-evidence.js';
import type { CanaryEvidence } from './judge-canary.js';
import {
  decisionMetric,
  labelBias,
  labelMetric,
  outputHistograms,
  type Sides,
  shadowDisagreement,
  shadowLabels,
} from './outputs.queries.js';
import { RolloutMeasures } from './rollout-measures.service.js';

const championRowsBefore = 500;

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
    const labelled = await this.labelledOf(manager, step, sides, policy.minLabelled);
    const shadow = sides.isShadow ? await shadowLabels(manager, sides, loss) : undefined;
    const bias = await labelBias(manager, sides, step.started_at);
    return {
      step: step.step,
      secondsInStep: (this.clock.now().getTime() - step.started_at.getTime()) / 1000,
      strategy,
      looks: step.looks,
      labelled: shadow ? { ...labelled, canary: { ...labelled.canary, loss: shadow.loss } } : labelled,
      bias: shadow ? { ...bias, canary: shadow.bias } : bias,
      measures: this.measures.of(step.rollout_id, step.model_version, step.champion_version),
      outputs: (await outputHistograms(manager, sides, await stepStarts(manager, step.rollout_id))).strata,
      disagreement: sides.isShadow ? await shadowDisagreement(manager, sides) : { rows: 0, disagreeing: 0, meanDifference: 0 },
      declared: metric && (await this.declared(manager, sides, metric, step.started_at)),
    };
  }

  private declared(manager: EntityManager, sides: Sides, metric: AbMetric, since: Date): Promise<MetricSides> {
    return metric.kind === 'label' ? labelMetric(manager, sides, since) : decisionMetric(manager, sides, metric.outcome, since);
  }

  private async labelledOf(manager: EntityManager, step: ActiveStep, { isShadow }: Sides, enough: number): Promise<CanaryEvidence> {
    const inStep = await rolloutEvidence(manager, step.rollout_id, step.started_at, isShadow ? step.model_version : undefined);
    const canary = inStep(step.model_version);
    const champion = inStep(step.champion_version);
    const lastLook = step.last_look;
    if (champion.loss.count >= enough) return { canary, champion, championSource: 'in this step', lastLook };
    // a champion with a small share, or none, is represented by what it answered just before
    const inRollout = (await rolloutEvidence(manager, step.rollout_id, step.rollout_started_at))(step.champion_version);
    if (inRollout.loss.count >= enough) return { canary, champion: inRollout, championSource: 'in this rollout', lastLook };
    const before = await lossBefore(manager, step.model_name, step.champion_version, step.rollout_started_at, championRowsBefore);
    if (before.count < enough) return { canary, champion: inRollout, championSource: 'in this rollout', lastLook };
    return { canary, champion: { ...inRollout, loss: before }, championSource: 'just before this rollout', lastLook };
  }
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
