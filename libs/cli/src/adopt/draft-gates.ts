import type { Measured } from './measure-model.js';

/** Errors: below is better. */
const errors = new Set(['logLoss', 'brier', 'rmse', 'mae']);
const deciding = { binary: ['auc', 'logLoss'], multiclass: ['accuracy'], regression: ['rmse'] } as const;

/**
 * Gates for the versions to come, from what this one showed: not much worse than it by the metrics that decide, five
 * times its latency at most, one approver for production and nobody for staging.
 */
export function draftGates({ task, metrics }: Measured, p95Ms: number | undefined, stagingName: string) {
  const floors: Record<string, number> = {};
  const ceilings: Record<string, number> = {};
  const known = deciding[task].filter((name) => metrics[name] !== undefined);
  // of a model that tells a label and no probability
  for (const name of known.length > 0 ? known : ['accuracy']) {
    const value = metrics[name];
    if (value === undefined) continue;
    if (errors.has(name)) ceilings[name] = rounded(value * 1.1);
    else floors[name] = rounded(Math.max(0, value - 0.03));
  }
  return {
    metrics: { floors, ceilings },
    ...(p95Ms === undefined ? {} : { probe: { rows: 1, maxP95Ms: rounded(Math.max(1, p95Ms * 5)) } }),
    approvals: { production: [{ role: 'approver', count: 1 }], [stagingName]: [] },
  };
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
