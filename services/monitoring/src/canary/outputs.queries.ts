import type { HistogramStratum, Moments } from '@bascule/stats';
import type { EntityManager } from 'typeorm';
import { isCurrent, momentsOf } from './canary.queries.js';
import type { Disagreement, MetricSides } from './canary-evidence.js';

/** Whose answers are compared. */
export interface Sides {
  readonly rolloutId: string;
  readonly version: number;
  readonly championVersion: number;
  /** The version sees copies only. */
  readonly isShadow: boolean;
}

export interface OutputHistograms {
  /** Inner edges of the bins. */
  readonly edges: number[];
  /** One per step; a is the version. */
  readonly strata: HistogramStratum[];
}

// the role of a shadow is 3; a champion that gave its share away answers copies
const isCompared = `((model_version = $2 and (role = 3) = $4) or (model_version = $3 and (role <> 3 or not $4)))`;

/** Outputs of both versions by step, over tenths of what both answered together. */
export async function outputHistograms(manager: EntityManager, sides: Sides, stepStarts: readonly Date[]): Promise<OutputHistograms> {
  const who = [sides.rolloutId, sides.version, sides.championVersion, sides.isShadow];
  const [row] = (await manager.query(
    `select percentile_disc(array[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]::float8[]) within group (order by output) as edges
     from predictions where rollout_id = $1 and output is not null and ${isCompared}`,
    who,
  )) as { edges: number[] | null }[];
  const edges = [...new Set(row?.edges ?? [])];
  if (edges.length === 0) return { edges, strata: [] };
  const counts = (await manager.query(
    `select model_version = $2 as is_version, width_bucket(received_at, $5::timestamptz[]) - 1 as step, width_bucket(output, $6::float8[]) as bin, count(*)::int as count
     from predictions where rollout_id = $1 and output is not null and ${isCompared} group by 1, 2, 3`,
    [...who, stepStarts, edges],
  )) as { is_version: boolean; step: number; bin: number; count: number }[];
  const strata = stepStarts.map(() => ({ a: new Array<number>(edges.length + 1).fill(0), b: new Array<number>(edges.length + 1).fill(0) }));
  for (const { is_version, step, bin, count } of counts) {
    const stratum = strata[step];
    if (stratum) stratum[is_version ? 'a' : 'b'][bin]! += count;
  }
  return { edges, strata };
}

interface Grouped {
  is_version: boolean;
  count: number;
  mean: number;
  variance: number;
}

const sidesOf = (rows: readonly Grouped[]): MetricSides => ({
  canary: momentsOf(rows.find(({ is_version }) => is_version)),
  champion: momentsOf(rows.find(({ is_version }) => !is_version)),
});

/** Label minus score of the labelled answers since a moment. */
export async function labelBias(manager: EntityManager, { rolloutId, version, championVersion }: Sides, since: Date): Promise<MetricSides> {
  return sidesOf(
    await manager.query(
      `select model_version = $2 as is_version, count(*)::int as count, avg(label - score)::float8 as mean, coalesce(var_pop(label - score), 0)::float8 as variance
       from labels l where rollout_id = $1 and model_version in ($2, $3) and predicted_at >= $4 and ${isCurrent} group by 1`,
      [rolloutId, version, championVersion, since],
    ),
  );
}

/**
 * Labels of the cases of a rollout since a moment: a metric of their own. A record is one case, however often it was asked about; it
 * counts for the version that answered it last before its truth was known.
 */
export async function labelMetric(
  manager: EntityManager,
  { rolloutId, version, championVersion }: Sides,
  since: Date,
): Promise<MetricSides> {
  return sidesOf(
    await manager.query(
      `with cases as (
         select distinct on (coalesce(p.client_record_id, l.prediction_id::text)) l.model_version, l.label
         from labels l left join predictions p on p.prediction_id = l.prediction_id and p.received_at = l.predicted_at
         where l.rollout_id = $1 and l.model_version in ($2, $3) and l.predicted_at >= $4
           and not exists (select 1 from labels n where n.prediction_id = l.prediction_id and n.revision > l.revision)
         order by coalesce(p.client_record_id, l.prediction_id::text),
           l.labelled_at desc, l.occurred_at <= l.labelled_at desc, l.predicted_at desc, l.prediction_id
       )
       select model_version = $2 as is_version, count(*)::int as count, avg(label)::float8 as mean, coalesce(var_pop(label), 0)::float8 as variance
       from cases group by 1`,
      [rolloutId, version, championVersion, since],
    ),
  );
}

/**
 * Share of the decided cases since a moment whose latest decision has an outcome. A record is one case, however often it was
 * asked about; it counts for the version that answered it last before it was decided.
 */
export async function decisionMetric(
  manager: EntityManager,
  { rolloutId, version, championVersion }: Sides,
  outcome: string,
  since: Date,
): Promise<MetricSides> {
  return sidesOf(
    await manager.query(
      `with cases as (
         select distinct on (coalesce(p.client_record_id, p.prediction_id::text)) p.model_version, (d.outcome = $5)::int as hit
         from predictions p cross join lateral (
           select * from (
             select outcome, decided_at, received_at, submission_id, item from decisions
             where prediction_id = p.prediction_id and model_name = p.model_name
             union all
             select outcome, decided_at, received_at, submission_id, item from decisions
             where client_record_id = p.client_record_id and model_name = p.model_name
           ) known order by decided_at desc, received_at desc, submission_id, item limit 1
         ) d
         where p.rollout_id = $1 and p.model_version in ($2, $3) and p.role <> 3 and p.received_at >= $4
         order by coalesce(p.client_record_id, p.prediction_id::text),
           d.decided_at desc, p.occurred_at <= d.decided_at desc, p.received_at desc, p.prediction_id
       )
       select model_version = $2 as is_version, count(*)::int as count, avg(hit)::float8 as mean, coalesce(var_pop(hit), 0)::float8 as variance
       from cases group by 1`,
      [rolloutId, version, championVersion, since, outcome],
    ),
  );
}

/** Rows that a version saw copies of since a moment, beside the answers that clients got to the same requests. */
export async function copiesDisagreement(manager: EntityManager, rolloutId: string, version: number, since: Date): Promise<Disagreement> {
  const [row] = (await manager.query(
    `select count(*)::int as rows,
       count(*) filter (where case when s.score is not null and c.score is not null then (s.score >= 0.5) <> (c.score >= 0.5)
         else abs(s.output - c.output) > 1e-6 * greatest(1, abs(c.output)) end)::int as disagreeing,
       coalesce(avg(abs(s.output - c.output)), 0)::float8 as difference
     from predictions s join predictions c on c.prediction_id = s.shadow_of
     where s.rollout_id = $1 and s.role = 3 and s.model_version = $2 and s.received_at >= $3 and s.output is not null and c.output is not null`,
    [rolloutId, version, since],
  )) as { rows: number; disagreeing: number; difference: number }[];
  return { rows: row?.rows ?? 0, disagreeing: row?.disagreeing ?? 0, meanDifference: row?.difference ?? 0 };
}

/** Log loss of a version on the labels of the predictions it saw copies of since a moment, and how far its scores are off. */
export async function copiesLabels(
  manager: EntityManager,
  rolloutId: string,
  version: number,
  since: Date,
  lossOf: string,
): Promise<{ loss: Moments; bias: Moments }> {
  const [row] = (await manager.query(
    `select count(*)::int as count, avg(${lossOf})::float8 as loss_mean, coalesce(var_pop(${lossOf}), 0)::float8 as loss_variance,
       avg(label - score)::float8 as bias_mean, coalesce(var_pop(label - score), 0)::float8 as bias_variance
     from (
       select s.score, l.label from predictions s join labels l on l.prediction_id = s.shadow_of
       where s.rollout_id = $1 and s.role = 3 and s.model_version = $2 and s.received_at >= $3 and s.score is not null
         and not exists (select 1 from labels n where n.prediction_id = l.prediction_id and n.revision > l.revision)
     ) paired`,
    [rolloutId, version, since],
  )) as { count: number; loss_mean: number; loss_variance: number; bias_mean: number; bias_variance: number }[];
  const moments = (mean: number | undefined, variance: number | undefined) =>
    momentsOf(row && row.count > 0 ? { count: row.count, mean: mean ?? 0, variance: variance ?? 0 } : undefined);
  return { loss: moments(row?.loss_mean, row?.loss_variance), bias: moments(row?.bias_mean, row?.bias_variance) };
}
