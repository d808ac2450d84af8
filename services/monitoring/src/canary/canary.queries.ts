import type { RolloutStrategy } from '@bascule/contracts';
import type { Moments } from '@bascule/stats';
import type { EntityManager } from 'typeorm';
import type { Looks } from './canary-evidence.js';
import type { SideEvidence } from './judge-canary.js';
import type { RolloutVerdict } from './judge-rollout.js';

export interface ActiveStep {
  rollout_id: string;
  model_name: string;
  model_version: number;
  champion_version: number;
  step: number;
  percent: number;
  started_at: Date;
  rollout_started_at: Date;
  verdict: RolloutVerdict['verdict'] | null;
  last_look: number;
  strategy: RolloutStrategy | null;
  looks: Looks;
}

/** The current step of each rollout that is under way and has a champion to compare with. */
export async function activeSteps(manager: EntityManager): Promise<ActiveStep[]> {
  return manager.query(
    `select r.rollout_id, r.model_name, r.model_version, r.champion_version, r.strategy, r.looks, s.step, s.percent, s.started_at, s.verdict, s.last_look,
       (select min(started_at) from rollout_steps f where f.rollout_id = r.rollout_id) as rollout_started_at
     from rollouts r
     cross join lateral (select * from rollout_steps where rollout_id = r.rollout_id order by step desc limit 1) s
     where r.outcome is null and r.champion_version is not null and coalesce(s.verdict, '') not in ('fail', 'no-winner')`,
  );
}

interface Aggregate {
  model_version: number;
  count: number;
  invalid: number;
  score_count: number;
  score_mean: number | null;
  score_variance: number | null;
}
export interface LossAggregate {
  model_version: number;
  count: number;
  mean: number;
  variance: number;
}

/** Largest log loss one prediction can have: 6.9, so that one certain mistake does not decide. */
const smallestProbability = 0.001;
export const loss = `-ln(greatest(${smallestProbability}, case when label = 1 then score else 1 - score end))`;
export const isCurrent =
  'score is not null and not exists (select 1 from labels n where n.prediction_id = l.prediction_id and n.revision > l.revision)';
const lossColumns = `model_version, count(*)::int as count, avg(${loss})::float8 as mean, coalesce(var_pop(${loss}), 0)::float8 as variance`;

/** What each version answered within a rollout since a moment, and the loss of what has a label; of one version its copies as well. */
export async function rolloutEvidence(
  manager: EntityManager,
  rolloutId: string,
  since: Date,
  copiesOf: number,
): Promise<(version: number) => SideEvidence> {
  const answers = (await manager.query(
    `select model_version, count(*)::int as count, (count(*) - count(score))::int as invalid, count(score)::int as score_count,
       avg(score) as score_mean, var_pop(score) as score_variance
     from predictions where rollout_id = $1 and received_at >= $2 and (role <> 3 or model_version = $3) and has_values group by model_version`,
    [rolloutId, since, copiesOf],
  )) as Aggregate[];
  const losses = (await manager.query(
    `select ${lossColumns} from labels l where rollout_id = $1 and predicted_at >= $2 and ${isCurrent} group by model_version`,
    [rolloutId, since],
  )) as LossAggregate[];
  return (version) => {
    const answer = answers.find((row) => row.model_version === version);
    return {
      predictions: answer?.count ?? 0,
      invalid: answer?.invalid ?? 0,
      scores: momentsOf(answer && { count: answer.score_count, mean: answer.score_mean ?? 0, variance: answer.score_variance ?? 0 }),
      loss: momentsOf(losses.find((row) => row.model_version === version)),
    };
  };
}

/** How many answers of a model since a moment have a label, counted up to a number. */
export async function labelledSince(manager: EntityManager, modelName: string, since: Date, upTo: number): Promise<number> {
  const [row] = (await manager.query(
    'select count(*)::int as count from (select 1 from labels where model_name = $1 and predicted_at >= $2 and revision = 1 limit $3) lately',
    [modelName, since, upTo],
  )) as [{ count: number }];
  return row.count;
}

export function momentsOf(row: { count: number; mean: number; variance: number } | undefined): Moments {
  return row ? { count: row.count, mean: row.mean, squares: row.variance * row.count } : { count: 0, mean: 0, squares: 0 };
}
