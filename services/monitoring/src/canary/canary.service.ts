import { canaryJudged } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock, newId } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AlertsService } from '../alerts/alerts.service.js';
import { attemptEach } from '../evaluation/attempt-each.js';
import { takeTurn } from '../evaluation/turn.queries.js';
import { PoliciesService } from '../policies/policies.service.js';
import { type ActiveStep, activeSteps, lossBefore, rolloutEvidence } from './canary.queries.js';
import { type CanaryEvidence, type CanaryVerdict, judgeCanary } from './judge-canary.js';

const championRowsBefore = 500;

@Injectable()
export class CanaryService {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    private readonly policies: PoliciesService,
    private readonly alerts: AlertsService,
  ) {}

  /** Judges the current step of every rollout under way; says so when the verdict changes. */
  async judge(): Promise<void> {
    await attemptEach(await activeSteps(this.transactions.manager), ({ rollout_id }) =>
      this.transactions.run(async (manager) => {
        await takeTurn(manager);
        // read again: the step may have changed while this one waited for its turn
        const step = (await activeSteps(manager)).find((active) => active.rollout_id === rollout_id);
        if (step) await this.judgeStep(manager, step);
      }),
    );
  }

  private async judgeStep(manager: EntityManager, step: ActiveStep): Promise<void> {
    const { policy } = await this.policies.get(step.model_name);
    const evidence = await this.evidenceOf(manager, step, policy.canary.minLabelled);
    const judged = judgeCanary(evidence, policy.canary);
    // a pass has already been acted on: only harm takes it back
    const verdict = step.verdict === 'pass' && judged.verdict !== 'fail' ? 'pass' : judged.verdict;
    await manager.query('update rollout_steps set verdict = $3, last_look = $4 where rollout_id = $1 and step = $2', [
      step.rollout_id,
      step.step,
      verdict,
      judged.look,
    ]);
    if (verdict !== step.verdict) await this.publish(manager, step, judged);
  }

  private async evidenceOf(manager: EntityManager, step: ActiveStep, enough: number): Promise<CanaryEvidence> {
    const inStep = await rolloutEvidence(manager, step.rollout_id, step.started_at);
    const canary = inStep(step.model_version);
    const champion = inStep(step.champion_version);
    const lastLook = step.last_look;
    if (champion.loss.count >= enough) return { canary, champion, championSource: 'in this step', lastLook };
    // a champion with a small share, or none, is represented by what it answered just before
    const inRollout = (await rolloutEvidence(manager, step.rollout_id, step.rollout_started_at))(step.champion_version);
    if (inRollout.loss.count >= enough) return { canary, champion: inRollout, championSource: 'in this rollout', lastLook };
    const loss = await lossBefore(manager, step.model_name, step.champion_version, step.rollout_started_at, championRowsBefore);
    if (loss.count < enough) return { canary, champion: inRollout, championSource: 'in this rollout', lastLook };
    return { canary, champion: { ...inRollout, loss }, championSource: 'just before this rollout', lastLook };
  }

  private async publish(manager: EntityManager, step: ActiveStep, { verdict, reasons, evidence }: CanaryVerdict): Promise<void> {
    await manager.query(
      'insert into judgements (judgement_id, rollout_id, step, verdict, reasons, evidence, judged_at) values ($1, $2, $3, $4, $5, $6, $7)',
      [newId(), step.rollout_id, step.step, verdict, JSON.stringify(reasons), JSON.stringify(evidence), this.clock.now()],
    );
    const { rollout_id: rolloutId, model_name: modelName, model_version: version, champion_version: championVersion } = step;
    const data = { rolloutId, modelName, version, championVersion, step: step.step, verdict, reasons, evidence };
    await this.outbox.publish({ definition: canaryJudged, data });
    if (verdict !== 'fail') return;
    await this.alerts.raise(
      { modelName, rule: 'canary-failed', key: rolloutId },
      `version ${version} failed as a canary: ${reasons.join('; ')}`,
    );
  }
}
