import type { RolloutStrategy } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Injectable } from '@nestjs/common';
import { rolloutNotFound } from '../errors.js';
import type { Finding } from './canary-evidence.js';
import { outputHistograms } from './outputs.queries.js';
import { sidesOf, stepStarts } from './rollout-evidence.service.js';
import { RolloutMeasures } from './rollout-measures.service.js';
import { type Snapshot, snapshotsOf } from './snapshots.queries.js';

interface RolloutRow {
  rollout_id: string;
  model_name: string;
  model_version: number;
  champion_version: number | null;
  outcome: string | null;
  ended_at: Date | null;
  strategy: RolloutStrategy | null;
  findings: MetricFinding[] | null;
  judged_at: Date | null;
}

/** What one metric said when the rollout was judged last. */
export type MetricFinding = Omit<Finding, 'look'>;

/** Both versions of a rollout side by side. */
export interface Comparison {
  readonly rolloutId: string;
  readonly modelName: string;
  readonly version: number;
  /** Null: the first of its model has nobody to be compared with. */
  readonly championVersion: number | null;
  /** How it ended; null while it lasts. */
  readonly outcome: string | null;
  /** What each metric said when it was judged last; null before that. */
  readonly judge: { readonly at: Date; readonly findings: readonly MetricFinding[] } | null;
  /** How both stood, counted since the beginning, oldest first. */
  readonly series: readonly Snapshot[];
  /** Answers by latency: bin i begins at 50 µs times 1.1 to the i. */
  readonly latency: { readonly canary: readonly number[]; readonly champion: readonly number[] };
  /** Outputs over common bins between these inner edges. */
  readonly outputs: { readonly edges: readonly number[]; readonly canary: readonly number[]; readonly champion: readonly number[] };
}

@Injectable()
export class RolloutComparisons {
  constructor(
    private readonly transactions: Transactions,
    private readonly measures: RolloutMeasures,
  ) {}

  /** @throws monitoring.rollout_not_found */
  async of(rolloutId: string): Promise<Comparison> {
    const { manager } = this.transactions;
    const [row] = (await manager.query('select * from rollouts where rollout_id = $1', [rolloutId])) as RolloutRow[];
    if (!row) throw rolloutNotFound({ rolloutId });
    const { model_name: modelName, model_version: version, champion_version: championVersion, outcome } = row;
    const sides = sidesOf({ ...row, champion_version: championVersion ?? 0 });
    const { edges, strata } = await outputHistograms(manager, sides, await stepStarts(manager, rolloutId));
    const steps = this.measures.of(rolloutId, version, championVersion ?? 0);
    return {
      rolloutId,
      modelName,
      version,
      championVersion,
      outcome,
      judge: row.findings && row.judged_at ? { at: row.judged_at, findings: row.findings } : null,
      series: await snapshotsOf(manager, rolloutId),
      latency: { canary: added(steps.map(({ canary }) => canary.latency)), champion: added(steps.map(({ champion }) => champion.latency)) },
      outputs: { edges, canary: added(strata.map(({ a }) => a)), champion: added(strata.map(({ b }) => b)) },
    };
  }

  /** Forgets what gateways measured of rollouts that ended a day ago. */
  async forgetMeasures(): Promise<void> {
    await this.measures.forget(async (rolloutIds) => {
      const rows = (await this.transactions.manager.query(
        `select rollout_id from rollouts where rollout_id = any($1) and ended_at < now() - interval '1 day'`,
        [rolloutIds],
      )) as { rollout_id: string }[];
      return new Set(rows.map(({ rollout_id }) => rollout_id));
    });
  }
}

function added(histograms: readonly (readonly number[])[]): number[] {
  const sum: number[] = [];
  for (const counts of histograms) {
    counts.forEach((count, bin) => {
      while (sum.length <= bin) sum.push(0);
      sum[bin]! += count;
    });
  }
  return sum;
}
