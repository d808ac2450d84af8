import type { RolloutStrategy } from '@bascule/contracts';

/** What makes a rollout move; what a person asks for is asked again when nobody answered. */
export type Cause =
  | 'promotion'
  | 'loaded'
  | 'refused'
  | 'pass'
  | 'fail'
  | 'no-winner'
  | 'tripped'
  | 'time'
  | 'pause'
  | 'resume'
  | 'finish'
  | 'abort';
/** A move as it is noted, what causes it, and what the world hears of it. */
export type Turn = readonly [move: string, cause: Cause, told?: string];

export interface Story {
  readonly name: string;
  readonly strategy: RolloutStrategy;
  readonly turns: readonly Turn[];
  /** So many turns at the beginning go by in peace: another story is killed there, of the strategy or, at the load, of any. */
  readonly inPeace?: number;
  /** Noted with the last move, in the same transaction. */
  readonly alsoNoted?: readonly string[];
  readonly alsoTold?: readonly string[];
  readonly status: string;
  /** Who answers in the end: version and percent. */
  readonly answers: readonly (readonly [version: number, percent: number])[];
  readonly isMarked?: boolean;
}

const load: Turn = ['load', 'promotion'];
const start: Turn = ['start', 'loaded', 'started'];
const test = { metric: { kind: 'label' as const }, better: 'higher' as const, minimumEffect: 0.1, alpha: 0.05, maxPerVersion: 100 };
const allAtOnce: RolloutStrategy = { kind: 'all-at-once', steps: [100] };
const blueGreen: RolloutStrategy = { kind: 'blue-green', steps: [100], minSeconds: 600 };
export const canary: RolloutStrategy = { steps: [20, 100] };
const shadow: RolloutStrategy = { kind: 'shadow', steps: [100] };
const abTest: RolloutStrategy = { kind: 'ab-test', steps: [50, 100], test };
const won = { status: 'completed', answers: [[2, 100], [1, 0]] } as const; // biome-ignore format: a table
const lost = { answers: [[1, 100]] } as const;
const harmed = { status: 'rolled-back', isMarked: true, ...lost } as const;
const complete = (cause: Cause): Turn => ['complete', cause, 'completed'];
const rollBack = (cause: Cause): Turn => ['roll-back', cause, 'rolled-back'];
const abort = (cause: Cause): Turn => ['abort', cause, 'aborted'];

/** Every strategy, along every way it may go. */
export const stories: Story[] = [
  { name: 'all at once completes', strategy: allAtOnce, turns: [load, start], alsoNoted: ['complete'], alsoTold: ['completed'], ...won },
  {
    name: 'all at once is refused',
    strategy: allAtOnce,
    turns: [load, abort('refused')],
    inPeace: 1,
    ...{ status: 'aborted', isMarked: true, ...lost },
  },
  {
    name: 'blue-green completes',
    strategy: { ...blueGreen, minSeconds: 1 },
    turns: [load, start, complete('time')],
    inPeace: 1,
    ...won,
  },
  { name: 'blue-green returns', strategy: blueGreen, turns: [load, start, ['stay', 'pass'], rollBack('tripped')], inPeace: 2, ...harmed },
  {
    name: 'a canary completes',
    strategy: canary,
    turns: [
      load,
      start,
      ['pause', 'pause', 'steered'],
      ['keep-verdict', 'pass'],
      ['unpause', 'resume', 'steered'],
      ['advance', 'time', 'advanced'],
      complete('pass'),
    ],
    inPeace: 1,
    ...won,
  },
  {
    name: 'a canary is rolled back',
    strategy: canary,
    turns: [load, start, ['advance', 'pass', 'advanced'], rollBack('fail')],
    inPeace: 3,
    ...harmed,
  },
  { name: 'a canary is aborted', strategy: canary, turns: [load, start, abort('abort')], inPeace: 2, status: 'aborted', ...lost },
  { name: 'a shadow is finished', strategy: shadow, turns: [load, start, ['stay', 'pass'], complete('finish')], inPeace: 1, ...won },
  { name: 'a shadow is rolled back', strategy: shadow, turns: [load, start, rollBack('fail')], inPeace: 2, ...harmed },
  { name: 'an A/B test is won', strategy: abTest, turns: [load, start, complete('pass')], inPeace: 1, ...won },
  {
    name: 'an A/B test has no winner',
    strategy: abTest,
    turns: [load, start, ['no-winner', 'no-winner', 'aborted']],
    inPeace: 2,
    ...{ status: 'no-winner', ...lost },
  },
  { name: 'an A/B test is lost', strategy: abTest, turns: [load, start, rollBack('fail')], inPeace: 2, ...harmed },
];
