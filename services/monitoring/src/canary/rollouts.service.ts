import type {
  RolloutAborted,
  RolloutAdvanced,
  RolloutCompleted,
  RolloutRolledBack,
  RolloutStarted,
  RolloutStrategy,
} from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Injectable } from '@nestjs/common';
import { AlertsService } from '../alerts/alerts.service.js';
import { rolloutNotFound } from '../errors.js';

export interface JudgementRow {
  judgement_id: string;
  step: number;
  verdict: string;
  reasons: string[];
  evidence: Record<string, number>;
  judged_at: Date;
}

@Injectable()
export class RolloutsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly alerts: AlertsService,
  ) {}

  /** From here on predictions of this rollout count for this step. */
  async enterStep(data: RolloutStarted['data'] | RolloutAdvanced['data'], at: string): Promise<void> {
    await this.keep(data);
    if ('strategy' in data && data.strategy) await this.keepStrategy(data.rolloutId, data.strategy);
    await this.transactions.manager.query(
      'insert into rollout_steps (rollout_id, step, percent, started_at) values ($1, $2, $3, $4) on conflict do nothing',
      [data.rolloutId, data.step, data.percent, at],
    );
  }

  /** The rollout is over: nothing is judged any more. */
  async end(
    data: RolloutCompleted['data'] | RolloutRolledBack['data'] | RolloutAborted['data'],
    outcome: string,
    at: string,
  ): Promise<void> {
    await this.keep(data);
    await this.transactions.manager.query('update rollouts set outcome = $2, ended_at = $3 where rollout_id = $1 and outcome is null', [
      data.rolloutId,
      outcome,
      at,
    ]);
    const subject = { modelName: data.modelName, rule: 'canary-failed', key: data.rolloutId } as const;
    await this.alerts.resolve(subject, `the rollout of version ${data.version} is ${outcome}`);
  }

  /** @param last where the page before ended */
  async judgements(
    rolloutId: string,
    order: 'newest' | 'oldest',
    last: string | undefined,
    limit: number,
  ): Promise<{ modelName: string; rows: JudgementRow[] }> {
    const [rollout] = (await this.transactions.manager.query('select model_name from rollouts where rollout_id = $1', [rolloutId])) as {
      model_name: string;
    }[];
    if (!rollout) throw rolloutNotFound({ rolloutId });
    const [sign, direction] = order === 'newest' ? ['<', 'desc'] : ['>', 'asc'];
    const rows = (await this.transactions.manager.query(
      `select * from judgements where rollout_id = $1 and ($2::uuid is null or judgement_id ${sign} $2) order by judgement_id ${direction} limit $3`,
      [rolloutId, last ?? null, limit],
    )) as JudgementRow[];
    return { modelName: rollout.model_name, rows };
  }

  private async keepStrategy(rolloutId: string, strategy: RolloutStrategy): Promise<void> {
    await this.transactions.manager.query('update rollouts set strategy = $2 where rollout_id = $1', [rolloutId, JSON.stringify(strategy)]);
  }

  // events may overtake one another: whichever comes first makes the row
  private async keep({ rolloutId, modelName, version, championVersion }: Omit<RolloutCompleted['data'], 'reasons'>): Promise<void> {
    await this.transactions.manager.query(
      'insert into rollouts (rollout_id, model_name, model_version, champion_version) values ($1, $2, $3, $4) on conflict do nothing',
      [rolloutId, modelName, version, championVersion ?? null],
    );
  }
}
