import type { ReferenceProfile } from '@bascule/contracts';
import { type Estimate, normalQuantile } from '@bascule/stats';
import type { MonitoringPolicy } from '../policies/policy.js';
import type { MetricVerdict } from './performance-verdict.js';

type Quality = NonNullable<ReferenceProfile['quality']>;
type Metric = 'accuracy' | 'f1Macro' | 'logLoss' | 'mae' | 'rmse';

/** What a window of labelled predictions gave, by the name of the measure. */
export interface WindowQuality {
  readonly rowCount: number;
  readonly measures: Readonly<Partial<Record<Metric, Estimate>>>;
}

interface Rule {
  readonly metric: Metric;
  readonly title: string;
  readonly isBetter: 'higher' | 'lower';
  /** By how much it may be worse and nobody minds. */
  readonly margin: (policy: MonitoringPolicy['performance'], reference: number) => number;
}

const rules: Record<Quality['task'], readonly Rule[]> = {
  multiclass: [
    { metric: 'accuracy', title: 'accuracy', isBetter: 'higher', margin: ({ minAccuracyLoss }) => minAccuracyLoss },
    { metric: 'f1Macro', title: 'macro F1', isBetter: 'higher', margin: ({ minF1Loss }) => minF1Loss },
    { metric: 'logLoss', title: 'log loss', isBetter: 'lower', margin: ({ minLogLossGain }) => minLogLossGain },
  ],
  regression: [
    { metric: 'mae', title: 'MAE', isBetter: 'lower', margin: ({ minErrorGain }, reference) => minErrorGain * reference },
    { metric: 'rmse', title: 'RMSE', isBetter: 'lower', margin: ({ minErrorGain }, reference) => minErrorGain * reference },
  ],
};

/**
 * Compares labelled predictions of a window, of several classes or of numbers, with the reference hold-out. Degraded means worse by a
 * margin that matters and by more than the errors of both samples explain.
 */
export function judgeQuality(
  { rowCount, measures }: WindowQuality,
  reference: Quality,
  policy: MonitoringPolicy['performance'],
): MetricVerdict[] {
  const known = rules[reference.task].filter(({ metric }) => reference.measures[metric]);
  if (rowCount < policy.minLabelled) {
    const reasons = [`${rowCount} labelled predictions: at least ${policy.minLabelled} are needed`];
    return known.slice(0, 1).map(({ metric }) => ({
      metric,
      value: 0,
      reference: reference.measures[metric]!.value,
      standardError: 0,
      verdict: 'insufficient-data',
      reasons,
    }));
  }
  const z = normalQuantile(1 - policy.falseReportChance);
  return known.map(({ metric, title, isBetter, margin: marginOf }) => {
    const [found, before] = [measures[metric]!, reference.measures[metric]!];
    const error = Math.hypot(found.standardError, before.standardError);
    const worse = isBetter === 'higher' ? before.value - found.value : found.value - before.value;
    const margin = marginOf(policy, before.value);
    const reasons = [
      `${title} ${shown(found.value)} on ${rowCount} labelled predictions, ${shown(before.value)} on the hold-out`,
      `worse by ${shown(worse)}; sampling alone explains up to ${shown(z * error)}, and ${shown(margin)} would not matter`,
    ];
    const verdict = worse > margin && worse > z * error ? 'degraded' : 'steady';
    return { metric, value: found.value, reference: before.value, standardError: error, verdict, reasons };
  });
}

/** Three digits behind the point for shares, three in all for what may be large. */
const shown = (value: number): string => (Math.abs(value) < 10 ? value.toFixed(3) : Number(value.toPrecision(4)).toString());
