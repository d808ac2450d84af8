/** Where a rollout stands. `waiting` until no other rollout of the model runs and the loop is not frozen. */
export type RolloutStatus = 'waiting' | 'loading' | 'running' | 'completed' | 'rolled-back' | 'aborted';

/** What the decision needs to know of a rollout. */
export interface RolloutState {
  readonly status: RolloutStatus;
  /** Position in `steps` while running. */
  readonly step: number;
  readonly steps: readonly number[];
  readonly hasChampion: boolean;
  /** Gateways that hold the version. */
  readonly loadedBy: readonly string[];
  /** A verdict that came while the loop was frozen. */
  readonly keptVerdict: KeptVerdict | null;
}

export interface KeptVerdict {
  readonly step: number;
  readonly reasons: readonly string[];
}

export type RolloutInput =
  /** Nothing stands in the way any more: the slot is free, or the loop was unfrozen. */
  | { readonly kind: 'resume' }
  | { readonly kind: 'loaded'; readonly gatewayId: string }
  /** A gateway refused; tampered means that the bytes are not those that were approved. */
  | { readonly kind: 'refused'; readonly reasons: readonly string[]; readonly isTampered: boolean }
  | {
      readonly kind: 'judged';
      readonly step: number;
      readonly verdict: 'pass' | 'fail' | 'insufficient-data';
      readonly reasons: readonly string[];
    }
  | { readonly kind: 'abort'; readonly reasons: readonly string[] };

/** What happens next, each with its reasons; several may follow from one input. */
export type RolloutMove =
  | { readonly kind: 'load' }
  | { readonly kind: 'note-loaded'; readonly gatewayId: string }
  | { readonly kind: 'start'; readonly step: number; readonly percent: number; readonly reasons: readonly string[] }
  | { readonly kind: 'advance'; readonly step: number; readonly percent: number; readonly reasons: readonly string[] }
  | { readonly kind: 'complete'; readonly reasons: readonly string[] }
  | { readonly kind: 'roll-back'; readonly reasons: readonly string[] }
  | { readonly kind: 'abort'; readonly reasons: readonly string[] }
  | { readonly kind: 'keep-verdict'; readonly verdict: KeptVerdict; readonly reasons: readonly string[] }
  | { readonly kind: 'stay'; readonly reasons: readonly string[] };

/** True once nothing can happen to the rollout any more. */
export function hasEnded(status: RolloutStatus): boolean {
  return status === 'completed' || status === 'rolled-back' || status === 'aborted';
}

/**
 * Decides what an input does to a rollout. Frozen, nothing starts or advances; rolling back and aborting stay possible.
 * @returns no move when the input is not about this state, for example a verdict on an earlier step
 */
export function decideRollout(state: RolloutState, input: RolloutInput, isFrozen: boolean): RolloutMove[] {
  if (hasEnded(state.status)) return [];
  switch (input.kind) {
    case 'abort':
      return [{ kind: 'abort', reasons: input.reasons }];
    case 'refused':
      return decideRefused(state, input);
    case 'loaded':
      return decideLoaded(state, input.gatewayId, isFrozen);
    case 'judged':
      return decideJudged(state, input, isFrozen);
    case 'resume':
      return isFrozen ? [] : decideResume(state);
  }
}

function decideRefused(state: RolloutState, { reasons, isTampered }: RolloutInput & { kind: 'refused' }): RolloutMove[] {
  if (state.status === 'waiting') return [];
  if (isTampered) return [{ kind: 'abort', reasons }];
  // one gateway that holds the verified bytes proves that the version can be served
  if (state.loadedBy.length > 0) return [{ kind: 'stay', reasons: ['a gateway refused the version, another one holds it', ...reasons] }];
  return [{ kind: 'abort', reasons }];
}

function decideLoaded(state: RolloutState, gatewayId: string, isFrozen: boolean): RolloutMove[] {
  if (state.status !== 'loading') return [];
  const noted: RolloutMove = { kind: 'note-loaded', gatewayId };
  if (isFrozen) return [noted, { kind: 'stay', reasons: ['the version is loaded; the loop is frozen'] }];
  return [noted, ...decideStart(state)];
}

function decideStart(state: RolloutState): RolloutMove[] {
  if (!state.hasChampion) {
    const reasons = ['the model has no champion to compare with'];
    return [
      { kind: 'start', step: 0, percent: 100, reasons },
      { kind: 'complete', reasons },
    ];
  }
  return [{ kind: 'start', step: 0, percent: state.steps[0] ?? 100, reasons: ['the version is loaded'] }];
}

function decideJudged(state: RolloutState, input: RolloutInput & { kind: 'judged' }, isFrozen: boolean): RolloutMove[] {
  if (state.status !== 'running' || input.step !== state.step) return [];
  if (input.verdict === 'fail') return [{ kind: 'roll-back', reasons: input.reasons }];
  if (input.verdict === 'insufficient-data') return [{ kind: 'stay', reasons: input.reasons }];
  if (isFrozen) {
    const verdict = { step: input.step, reasons: input.reasons };
    return [{ kind: 'keep-verdict', verdict, reasons: ['the step passed; the loop is frozen', ...input.reasons] }];
  }
  return decideNext(state, input.reasons);
}

function decideNext({ step, steps }: RolloutState, reasons: readonly string[]): RolloutMove[] {
  const percent = steps[step + 1];
  return percent === undefined ? [{ kind: 'complete', reasons }] : [{ kind: 'advance', step: step + 1, percent, reasons }];
}

function decideResume(state: RolloutState): RolloutMove[] {
  if (state.status === 'waiting') return [{ kind: 'load' }];
  if (state.status === 'loading') return state.loadedBy.length > 0 ? decideStart(state) : [];
  const { keptVerdict } = state;
  return keptVerdict?.step === state.step ? decideNext(state, keptVerdict.reasons) : [];
}
