import type { Stage } from './rollout-stages.js';

/** Where a rollout stands. `waiting` until no other rollout of the model runs and the loop is not frozen. */
export type RolloutStatus = 'waiting' | 'loading' | 'running' | 'completed' | 'rolled-back' | 'no-winner' | 'aborted';

/** What the decision needs to know of a rollout. */
export interface RolloutState {
  readonly status: RolloutStatus;
  /** Position in `stages` while running. */
  readonly step: number;
  readonly stages: readonly Stage[];
  readonly hasChampion: boolean;
  /** Gateways that hold the version. */
  readonly loadedBy: readonly string[];
  /** A passed verdict that cannot be followed yet: frozen, paused, or the minimum time is not over. */
  readonly keptVerdict: KeptVerdict | null;
  /** A person holds it where it is. */
  readonly isPaused: boolean;
  /** Since the step began. */
  readonly secondsInStep: number;
}

export interface KeptVerdict {
  readonly step: number;
  readonly reasons: readonly string[];
}

export type RolloutInput =
  /** Time has passed, the slot is free, or the loop was unfrozen. */
  | { readonly kind: 'resume' }
  | { readonly kind: 'loaded'; readonly gatewayId: string }
  /** A gateway refused; tampered means that the bytes are not those that were approved. */
  | { readonly kind: 'refused'; readonly reasons: readonly string[]; readonly isTampered: boolean }
  | {
      readonly kind: 'judged';
      readonly step: number;
      readonly verdict: 'pass' | 'fail' | 'insufficient-data' | 'no-winner';
      readonly reasons: readonly string[];
    }
  /** A gateway saw the version fail and has cut it off. */
  | { readonly kind: 'tripped'; readonly reasons: readonly string[] }
  /** The version was marked before, and nobody overrode that. */
  | { readonly kind: 'marked'; readonly reasons: readonly string[] }
  /** By persons. */
  | { readonly kind: 'pause' | 'unpause' | 'finish' | 'abort'; readonly reasons: readonly string[] };

/** What happens next, each with its reasons; several may follow from one input. */
export type RolloutMove =
  | { readonly kind: 'load' }
  | { readonly kind: 'note-loaded'; readonly gatewayId: string }
  | { readonly kind: 'start' | 'advance'; readonly step: number; readonly percent: number; readonly reasons: readonly string[] }
  /** `no-winner`: a test is over, and the champion stays for want of anything better. */
  | { readonly kind: 'complete' | 'no-winner'; readonly reasons: readonly string[] }
  /** `marks`: the version is not tried again without an override. */
  | { readonly kind: 'roll-back' | 'abort'; readonly reasons: readonly string[]; readonly marks: boolean }
  | { readonly kind: 'keep-verdict'; readonly verdict: KeptVerdict; readonly reasons: readonly string[] }
  | { readonly kind: 'pause' | 'unpause' | 'stay'; readonly reasons: readonly string[] };

/** True once nothing can happen to the rollout any more. */
export function hasEnded(status: RolloutStatus): boolean {
  return status === 'completed' || status === 'rolled-back' || status === 'no-winner' || status === 'aborted';
}

/**
 * Decides what an input does to a rollout. Frozen or paused, nothing starts or advances; rolling back and aborting stay
 * possible.
 * @returns no move when the input is not about this state, for example a verdict on an earlier step
 */
export function decideRollout(state: RolloutState, input: RolloutInput, isFrozen: boolean): RolloutMove[] {
  const { status, isPaused } = state;
  if (hasEnded(status)) return [];
  switch (input.kind) {
    case 'abort':
      return [{ kind: 'abort', reasons: input.reasons, marks: false }];
    case 'marked':
      return status === 'waiting' ? [{ kind: 'abort', reasons: input.reasons, marks: false }] : [];
    case 'refused':
      return decideRefused(state, input);
    case 'tripped':
      return status === 'running' ? [{ kind: 'roll-back', reasons: input.reasons, marks: true }] : [];
    case 'pause':
      return isPaused ? [] : [{ kind: 'pause', reasons: input.reasons }];
    case 'unpause':
      return isPaused ? [{ kind: 'unpause', reasons: input.reasons }] : [];
    case 'finish':
      return status === 'running' && !isFrozen ? [{ kind: 'complete', reasons: input.reasons }] : [];
    case 'loaded':
      return decideLoaded(state, input.gatewayId, isFrozen);
    case 'judged':
      return decideJudged(state, input, isFrozen);
    case 'resume':
      return isFrozen || isPaused ? [] : decideResume(state);
  }
}

function decideRefused(state: RolloutState, { reasons, isTampered }: RolloutInput & { kind: 'refused' }): RolloutMove[] {
  if (state.status === 'waiting') return [];
  // one gateway that holds the verified bytes proves that the version can be served
  if (state.loadedBy.length > 0 && !isTampered) {
    return [{ kind: 'stay', reasons: ['a gateway refused the version, another one holds it', ...reasons] }];
  }
  return [{ kind: 'abort', reasons, marks: true }];
}

function decideLoaded(state: RolloutState, gatewayId: string, isFrozen: boolean): RolloutMove[] {
  if (state.status !== 'loading') return [];
  const noted: RolloutMove = { kind: 'note-loaded', gatewayId };
  const obstacle = obstacleOf(state, isFrozen);
  if (obstacle) return [noted, { kind: 'stay', reasons: [`the version is loaded; ${obstacle}`] }];
  return [noted, ...decideStart(state)];
}

function decideStart({ hasChampion, stages }: RolloutState): RolloutMove[] {
  const [first] = stages;
  if (!hasChampion) {
    const reasons = ['the model has no champion to compare with'];
    return [
      { kind: 'start', step: 0, percent: 100, reasons },
      { kind: 'complete', reasons },
    ];
  }
  const started: RolloutMove = { kind: 'start', step: 0, percent: first?.percent ?? 100, reasons: ['the version is loaded'] };
  return first?.gate === 'none' ? [started, { kind: 'complete', reasons: ['the strategy brings the version all at once'] }] : [started];
}

function decideJudged(state: RolloutState, input: RolloutInput & { kind: 'judged' }, isFrozen: boolean): RolloutMove[] {
  const { status, step } = state;
  if (status !== 'running' || input.step !== step) return [];
  if (input.verdict === 'fail') return [{ kind: 'roll-back', reasons: input.reasons, marks: true }];
  if (input.verdict === 'no-winner') return [{ kind: 'no-winner', reasons: input.reasons }];
  const gate = state.stages[step]?.gate;
  if (input.verdict === 'insufficient-data') return [{ kind: 'stay', reasons: input.reasons }];
  if (gate === 'person')
    return [{ kind: 'stay', reasons: ['the copies passed; a person finishes or aborts the rollout', ...input.reasons] }];
  if (gate === 'time') return [{ kind: 'stay', reasons: ['no harm was found; the former version is kept for a return', ...input.reasons] }];
  const obstacle = obstacleOf(state, isFrozen) ?? hurryOf(state);
  if (obstacle) {
    const verdict = { step: input.step, reasons: input.reasons };
    return [{ kind: 'keep-verdict', verdict, reasons: [`the step passed; ${obstacle}`, ...input.reasons] }];
  }
  return decideNext(state, input.reasons);
}

function decideNext({ step, stages }: RolloutState, reasons: readonly string[]): RolloutMove[] {
  const next = stages[step + 1];
  return next === undefined ? [{ kind: 'complete', reasons }] : [{ kind: 'advance', step: step + 1, percent: next.percent, reasons }];
}

function decideResume(state: RolloutState): RolloutMove[] {
  const { status, step, stages, keptVerdict } = state;
  if (status === 'waiting') return [{ kind: 'load' }];
  if (status === 'loading') return state.loadedBy.length > 0 ? decideStart(state) : [];
  if (hurryOf(state)) return [];
  const stage = stages[step];
  if (stage?.gate === 'time') return decideNext(state, [`no verdict against it in ${stage.minSeconds} s`]);
  return keptVerdict?.step === step ? decideNext(state, keptVerdict.reasons) : [];
}

function obstacleOf({ isPaused }: RolloutState, isFrozen: boolean): string | undefined {
  if (isFrozen) return 'the loop is frozen';
  return isPaused ? 'it is paused' : undefined;
}

function hurryOf({ step, stages, secondsInStep }: RolloutState): string | undefined {
  const minSeconds = stages[step]?.minSeconds ?? 0;
  return secondsInStep < minSeconds ? `its minimum time of ${minSeconds} s is not over` : undefined;
}
