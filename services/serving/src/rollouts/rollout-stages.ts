import type { RolloutStrategy } from '@bascule/contracts';

/** What lets a rollout leave a stage. */
export type StageGate =
  /** A passed verdict, and the minimum time. */
  | 'verdict'
  /** The minimum time without a failed verdict. */
  | 'time'
  /** Nothing: the stage is over as it begins. */
  | 'none'
  /** A person. */
  | 'person';

/** One stretch of a rollout. */
export interface Stage {
  /** Share of the requests; of a shadow, how many of them are copied. */
  readonly percent: number;
  /** A shadow answers nobody. */
  readonly role: 'challenger' | 'shadow';
  readonly gate: StageGate;
  readonly minSeconds: number;
}

/** How long the former version of a blue-green rollout is kept for a return when the strategy does not say. */
const warmSeconds = 600;

/** How many percent of the requests the champion sees a copy of while the version answers everything, when the strategy does not say. */
const usualBaseline = 10;

/** Copies that the champion sees where it has no share: none where nothing is judged. */
export function baselineOf({ kind, baselinePercent = usualBaseline }: RolloutStrategy): number | undefined {
  return kind === 'all-at-once' ? undefined : baselinePercent;
}

/** The stages that a strategy consists of; `steps` alone is a canary. */
export function stagesOf({ kind = 'canary', steps, minSeconds, shadowPercent = 100 }: RolloutStrategy): Stage[] {
  const challenger = (percent: number, gate: StageGate, seconds = minSeconds ?? 0): Stage => ({
    percent,
    role: 'challenger',
    gate,
    minSeconds: seconds,
  });
  switch (kind) {
    case 'all-at-once':
      return [challenger(100, 'none')];
    case 'blue-green':
      return [challenger(100, 'time', minSeconds ?? warmSeconds)];
    case 'shadow':
      return [{ percent: shadowPercent, role: 'shadow', gate: 'person', minSeconds: 0 }];
    case 'ab-test':
      return [challenger(steps[0] ?? 50, 'verdict')];
    default:
      return steps.map((percent) => challenger(percent, 'verdict'));
  }
}
