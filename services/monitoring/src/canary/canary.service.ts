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
import { type ActiveStep, activeSteps } from './canary.queries.js';
import { judgeRollout, type RolloutVerdict, standingVerdict } from './judge-rollout.js';
import { RolloutEvidenceService } from './rollout-evidence.service.js';
import { isWorthSaying, type Said } from './said-before.js';
import { keepSnapshot } from './snapshots.queries.js';

/** Judging takes at most one part in so many of the time: what it costs grows with what a rollout has answered. */
const restFactor = 15;

@Injectable()
export class CanaryService {
  private readonly dueAt = new Map<string, number>();

  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    private readonly policies: PoliciesService,
    private readonly alerts: AlertsService,
    private readonly evidence: RolloutEvidenceService,
  ) {}

  /** Judges the current step of every rollout under way; says so when the verdict changes. */
  async judge(): Promise<void> {
    const active = await activeSteps(this.transactions.manager);
    const present = new Set(active.map(({ rollout_id }) => rollout_id));
    for (const rolloutId of this.dueAt.keys()) if (!present.has(rolloutId)) this.dueAt.delete(rolloutId);
    const due = active.filter(({ rollout_id }) => performance.now() >= (this.dueAt.get(rollout_id) ?? 0));
    await attemptEach(due, async ({ rollout_id }) => {
      const startedAt = performance.now();
      await this.transactions.run(async (manager) => {
        await takeTurn(manager);
        // read again: the step may have changed while this one waited for its turn
        const step = (await activeSteps(manager)).find((active) => active.rollout_id === rollout_id);
        if (step) await this.judgeStep(manager, step);
      });
      const now = performance.now();
      this.dueAt.set(rollout_id, now + restFactor * (now - startedAt));
    });
  }

  private async judgeStep(manager: EntityManager, step: ActiveStep): Promise<void> {
    const { policy } = await this.policies.get(step.model_name);
    const evidence = await this.evidence.of(manager, step, policy.canary);
    const judged = judgeRollout(evidence, policy.canary);
    const verdict = standingVerdict(step.verdict, judged);
    await manager.query('update rollout_steps set verdict = $3, last_look = $4 where rollout_id = $1 and step = $2', [
      step.rollout_id,
      step.step,
      verdict,
      judged.labelledLook,
    ]);
    await manager.query('update rollouts set looks = $2, findings = $3, judged_at = $4 where rollout_id = $1', [
      step.rollout_id,
      JSON.stringify(judged.looks),
      JSON.stringify(judged.findings.map(({ look: _look, ...said }) => said)),
      this.clock.now(),
    ]);
    await keepSnapshot(manager, step.rollout_id, evidence, this.clock.now());
    if (verdict !== step.verdict || (verdict === judged.verdict && (await this.hasNews(manager, step, judged)))) {
      await this.publish(manager, step, judged);
    }
  }

  private async hasNews(manager: EntityManager, step: ActiveStep, judged: RolloutVerdict): Promise<boolean> {
    if (judged.verdict !== 'insufficient-data') return false;
    const [said] = (await manager.query(
      'select reasons, judged_at as at from judgements where rollout_id = $1 and step = $2 order by judgement_id desc limit 1',
      [step.rollout_id, step.step],
    )) as Said[];
    return said !== undefined && isWorthSaying(said, judged, step.started_at, this.clock.now());
  }

  private async publish(manager: EntityManager, step: ActiveStep, { verdict, reasons, evidence }: RolloutVerdict): Promise<void> {
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
