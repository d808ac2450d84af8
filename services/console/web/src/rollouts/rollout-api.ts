/** What serving and monitoring answer about rollouts, as far as the page uses it. */
export interface RolloutStrategy {
  kind?: string;
  steps: number[];
  minSeconds?: number;
  minRequests?: number;
  baselinePercent?: number;
  test?: { metric: { kind: 'decision'; outcome: string } | { kind: 'label' }; better: 'higher' | 'lower' };
}
export interface RolloutView {
  rolloutId: string;
  modelName: string;
  environment: string;
  version: number;
  championVersion: number | null;
  status: 'waiting' | 'loading' | 'running' | 'completed' | 'rolled-back' | 'no-winner' | 'aborted';
  step: number;
  percent: number;
  strategy: RolloutStrategy;
  isPaused: boolean;
  isMarked: boolean;
  isOverride: boolean;
  requestedBy: string;
  approvedBy: string;
  createdAt: string;
  stepStartedAt: string | null;
  endedAt: string | null;
}
export interface RolloutStep {
  move: string;
  step: number;
  percent: number;
  reasons: string[];
  at: string;
}
export interface Judgement {
  judgementId: string;
  step: number;
  verdict: 'pass' | 'fail' | 'insufficient-data' | 'no-winner';
  reasons: string[];
  evidence: Record<string, number>;
  judgedAt: string;
}
/** One version at one moment, counted since the rollout began. */
export interface Side {
  requests: number;
  failed: number;
  latencyMedianMs?: number;
  latencyP95Ms?: number;
  labelled: number;
  logLoss?: number;
  meanScore?: number;
  /** Of an A/B test. */
  metricCases?: number;
  metricMean?: number;
  metricLow?: number;
  metricHigh?: number;
}
/** What one metric said when the rollout was judged last. */
export interface MetricFinding {
  metric: string;
  status: 'harm' | 'suspected' | 'fine' | 'waiting' | 'off';
  reason: string;
  figures: Record<string, number>;
}
export interface Comparison {
  version: number;
  championVersion: number | null;
  judge: { at: string; findings: MetricFinding[] } | null;
  series: { at: string; step: number; canary: Side; champion: Side }[];
  latency: { canary: number[]; champion: number[] };
  outputs: { edges: number[]; canary: number[]; champion: number[] };
}

const ended = ['completed', 'rolled-back', 'no-winner', 'aborted'];

/** True once nothing can happen to the rollout any more. */
export function hasEnded({ status }: Pick<RolloutView, 'status'>): boolean {
  return ended.includes(status);
}

/** The declared metric of an A/B test in words; undefined for other strategies. */
export function metricText({ kind, test }: RolloutStrategy): string | undefined {
  if (kind !== 'ab-test' || !test) return undefined;
  const what = test.metric.kind === 'decision' ? `Share decided “${test.metric.outcome}”` : 'Mean of the labels';
  return `${what} (${test.better} is better)`;
}

/** The strategy in words. */
export function strategyText({ kind = 'canary', steps, minSeconds, minRequests }: RolloutStrategy): string {
  const waits = [
    ...(minSeconds ? [`at least ${minSeconds} s`] : []),
    ...(minRequests ? [`at least ${minRequests.toLocaleString('en')} requests`] : []),
  ];
  const each = waits.length > 0 ? `, ${waits.join(' and ')} each` : '';
  switch (kind) {
    case 'all-at-once':
      return 'all at once';
    case 'blue-green':
      return `blue-green${minSeconds ? `, the former version kept for ${minSeconds} s` : ''}`;
    case 'shadow':
      return 'shadow: copies only';
    case 'ab-test':
      return `A/B test at ${steps[0]} %`;
    default:
      return `canary by ${steps.map((step) => `${step} %`).join(', ')}${each}`;
  }
}
