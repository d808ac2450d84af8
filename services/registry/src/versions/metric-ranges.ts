import type { Metrics } from '@bascule/contracts';
import type { ProblemItem } from '@bascule/platform';

interface MetricRange {
  readonly min: number;
  readonly max: number;
}

const share = { min: 0, max: 1 };
const error = { min: 0, max: Number.POSITIVE_INFINITY };

/** Metrics whose meaning is known here, with the values they can take. */
const ranges = new Map<string, MetricRange>([
  ['auc', share],
  ['accuracy', share],
  ['precision', share],
  ['recall', share],
  ['f1', share],
  ['brier', share],
  ['logLoss', error],
  ['rmse', error],
  ['mse', error],
  ['mae', error],
  ['r2', { min: Number.NEGATIVE_INFINITY, max: 1 }],
]);

/** Known metrics with values they cannot have; what a metric nobody here knows may be, is not judged. */
export function metricFaults(metrics: Metrics): ProblemItem[] {
  return Object.entries(metrics).flatMap(([name, value]) => {
    const range = ranges.get(name);
    if (!range || (value >= range.min && value <= range.max)) return [];
    return [{ path: `metrics.${name}`, message: `${name} ${value} is not ${inWords(range)}` }];
  });
}

/** Known metrics of quality besides those named. */
export function knownMetrics(metrics: Metrics, besides: readonly string[]): [string, number][] {
  return Object.entries(metrics).filter(([name]) => ranges.has(name) && !besides.includes(name));
}

function inWords({ min, max }: MetricRange): string {
  if (!Number.isFinite(max)) return `at least ${min}`;
  return Number.isFinite(min) ? `between ${min} and ${max}` : `at most ${max}`;
}
