import { sumOf } from '@bascule/stats';
import type { EntityManager } from 'typeorm';
import type { ArmMeasure, RolloutEvidence } from './canary-evidence.js';
import { metricLevel } from './judge-declared.js';
import { quantilesOf } from './judge-traffic.js';

/** One version at one moment of a rollout, counted since its beginning. */
export interface SideSnapshot {
  requests: number;
  failed: number;
  latencyMedianMs?: number;
  latencyP95Ms?: number;
  /** Of the present step. */
  labelled: number;
  logLoss?: number;
  meanScore?: number;
  /** Of an A/B test: the declared metric. */
  metricCases?: number;
  metricMean?: number;
  metricLow?: number;
  metricHigh?: number;
}

export interface Snapshot {
  at: Date;
  step: number;
  canary: SideSnapshot;
  champion: SideSnapshot;
}

const leastMs = 2_000;
/** The older a rollout, the rarer: a chart of any rollout has some hundreds of points. */
const perAge = 300;

/** Keeps how both versions stand, when enough time has passed since the last time. */
export async function keepSnapshot(manager: EntityManager, rolloutId: string, evidence: RolloutEvidence, now: Date): Promise<void> {
  const [span] = (await manager.query('select min(at) as first, max(at) as last from rollout_snapshots where rollout_id = $1', [
    rolloutId,
  ])) as { first: Date | null; last: Date | null }[];
  if (span?.first && span.last) {
    const everyMs = Math.max(leastMs, (now.getTime() - span.first.getTime()) / perAge);
    if (now.getTime() - span.last.getTime() < everyMs) return;
  }
  const side = (key: 'canary' | 'champion') => JSON.stringify(snapshotOf(evidence, key));
  await manager.query(
    'insert into rollout_snapshots (rollout_id, at, step, canary, champion) values ($1, $2, $3, $4, $5) on conflict do nothing',
    [rolloutId, now, evidence.step, side('canary'), side('champion')],
  );
}

function snapshotOf({ measures, labelled, declared, strategy }: RolloutEvidence, key: 'canary' | 'champion'): SideSnapshot {
  const arms: ArmMeasure[] = measures.map((measure) => measure[key]);
  const quantiles = quantilesOf(arms);
  const { loss, scores, predictions } = labelled[key];
  const answered = sumOf(arms.map((arm) => arm.answered));
  const failed = sumOf(arms.map((arm) => arm.failed));
  return {
    requests: Math.max(answered + failed, predictions),
    failed,
    ...(quantiles ? { latencyMedianMs: quantiles.medianMs, latencyP95Ms: quantiles.p95Ms } : {}),
    labelled: loss.count,
    ...(loss.count > 0 ? { logLoss: loss.mean } : {}),
    ...(scores.count > 0 ? { meanScore: scores.mean } : {}),
    ...(strategy.kind === 'ab-test' && strategy.test && declared ? metricLevel(declared[key], strategy.test) : {}),
  };
}

/** How both versions stood over time, oldest first. */
export async function snapshotsOf(manager: EntityManager, rolloutId: string): Promise<Snapshot[]> {
  return manager.query('select at, step, canary, champion from rollout_snapshots where rollout_id = $1 order by at', [rolloutId]);
}
