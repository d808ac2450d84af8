import type { RolloutStrategy } from '@bascule/contracts';
import type { HistogramStratum, Moments } from '@bascule/stats';
import type { CanaryEvidence } from './judge-canary.js';

/** What both versions did in one step of a rollout, as gateways counted it. */
export interface StepMeasure {
  readonly step: number;
  readonly canary: ArmMeasure;
  readonly champion: ArmMeasure;
}

export interface ArmMeasure {
  readonly answered: number;
  readonly failed: number;
  /** Answers by latency: bin i reaches from 50 µs times 1.1 to the i up to the next. */
  readonly latency: readonly number[];
}

/** Cases with a value of the declared metric. */
export interface MetricSides {
  readonly canary: Moments;
  readonly champion: Moments;
}

/** Rows that both versions answered: a shadow's copies. */
export interface Disagreement {
  readonly rows: number;
  readonly disagreeing: number;
  readonly meanDifference: number;
}

/** Number of the last look at each metric; a metric that was never looked at is absent. */
export type Looks = Readonly<Record<string, number>>;

/** Everything that is known about a rollout at one moment. */
export interface RolloutEvidence {
  readonly step: number;
  /** Since the step began. */
  readonly secondsInStep: number;
  /**
   * How long the judge itself has known what gateways count, without a break: 0 before it has read it all after a start, and
   * while NATS is away. What it has not heard of in that time is not short, only unknown.
   */
  readonly secondsWatched: number;
  readonly strategy: RolloutStrategy;
  /** Answers of the model that were given, and got a label, within the last time of a step; counted up to `expectedLabels`. */
  readonly labelledOfLate: number;
  readonly looks: Looks;
  /** Labelled answers and unusable ones. */
  readonly labelled: CanaryEvidence;
  /** Label minus score of the labelled answers of this step. */
  readonly bias: MetricSides;
  /** Requests and latencies by step; a is the canary. */
  readonly measures: readonly StepMeasure[];
  /** Outputs by step over common bins; a is the canary. */
  readonly outputs: readonly HistogramStratum[];
  readonly disagreement: Disagreement;
  /** The declared business metric, or the metric of an A/B test. */
  readonly declared: MetricSides | undefined;
}

/** What one metric says. */
export interface Finding {
  readonly metric: string;
  /** `off`: it has nothing to say, and nobody waits for it. */
  readonly status: 'harm' | 'suspected' | 'fine' | 'waiting' | 'off';
  readonly reason: string;
  readonly figures: Readonly<Record<string, number>>;
  /** The look that was spent, if one was. */
  readonly look?: number;
}

/** A p-value in a sentence. */
export function small(p: number): string {
  return p < 0.001 ? p.toExponential(1) : p.toFixed(3);
}
