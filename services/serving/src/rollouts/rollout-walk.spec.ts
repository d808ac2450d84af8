import assert from 'node:assert/strict';
import { type RolloutStrategy, type RoutedVersion, strategyFaults } from '@bascule/contracts';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { sharesOf } from './rollout-shares.js';
import { stagesOf } from './rollout-stages.js';
import { decideRollout, hasEnded, type RolloutInput, type RolloutMove, type RolloutState, type RolloutStatus } from './rollout-state.js';

const tensor = { name: 'x', datatype: 'FP32' as const, shape: [-1] };
const artifact = (version: number) => ({
  version,
  artifactDigest: 'a'.repeat(64),
  artifactSizeBytes: 1,
  signature: { inputs: [tensor], outputs: [tensor] },
});

/** Which status may follow which; everything else is a fault of the table. */
const moves: Record<RolloutStatus, readonly RolloutStatus[]> = {
  waiting: ['waiting', 'loading', 'aborted'],
  loading: ['loading', 'running', 'completed', 'aborted'],
  running: ['running', 'completed', 'rolled-back', 'no-winner', 'aborted'],
  completed: ['completed'],
  'rolled-back': ['rolled-back'],
  'no-winner': ['no-winner'],
  aborted: ['aborted'],
};

const steps = fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 4 }).map((shares) => [...shares.sort((a, b) => a - b), 100]);
const test = { metric: { kind: 'label' as const }, better: 'higher' as const, minimumEffect: 0.1, alpha: 0.05, maxPerVersion: 100 };
const minSeconds = fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined });
const strategy: fc.Arbitrary<RolloutStrategy> = fc.oneof(
  fc.record({ steps, minSeconds }),
  fc.record({
    kind: fc.constantFrom('all-at-once' as const, 'blue-green' as const, 'shadow' as const),
    steps: fc.constant([100]),
    minSeconds,
  }),
  fc.record({ kind: fc.constant('ab-test' as const), steps: fc.constant([50, 100]), test: fc.constant(test), minSeconds }),
);

const reasons = ['r'];
const input: fc.Arbitrary<RolloutInput> = fc.oneof(
  fc.constant({ kind: 'resume' as const }),
  fc.record({ kind: fc.constant('loaded' as const), gatewayId: fc.constantFrom('a', 'b') }),
  fc.record({ kind: fc.constant('refused' as const), reasons: fc.constant(reasons), isTampered: fc.boolean() }),
  fc.record({
    kind: fc.constant('judged' as const),
    step: fc.integer({ min: 0, max: 4 }),
    verdict: fc.constantFrom(
      'pass' as const,
      'pass' as const,
      'pass' as const,
      'fail' as const,
      'insufficient-data' as const,
      'no-winner' as const,
    ),
    reasons: fc.constant(reasons),
  }),
  fc.record({ kind: fc.constantFrom('tripped' as const, 'marked' as const), reasons: fc.constant(reasons) }),
  fc.record({
    kind: fc.constantFrom('pause' as const, 'unpause' as const, 'finish' as const, 'abort' as const),
    reasons: fc.constant(reasons),
  }),
);
const turn = fc.record({ input, isFrozen: fc.boolean(), seconds: fc.integer({ min: 0, max: 4 }) });
const story = fc.record({ strategy, hasChampion: fc.boolean(), turns: fc.array(turn, { maxLength: 40 }) });

/** What the service does with a move, in memory. */
function applied(state: RolloutState & { percent: number }, move: RolloutMove): RolloutState & { percent: number } {
  switch (move.kind) {
    case 'load':
      return { ...state, status: 'loading' };
    case 'note-loaded':
      return { ...state, loadedBy: [...new Set([...state.loadedBy, move.gatewayId])] };
    case 'start':
    case 'advance':
      return { ...state, status: 'running', step: move.step, percent: move.percent, keptVerdict: null, secondsInStep: 0 };
    case 'keep-verdict':
      return { ...state, keptVerdict: move.verdict };
    case 'pause':
    case 'unpause':
      return { ...state, isPaused: move.kind === 'pause' };
    case 'stay':
      return state;
    case 'complete':
      return { ...state, status: 'completed', percent: 100 };
    case 'no-winner':
      return { ...state, status: 'no-winner' };
    case 'roll-back':
      return { ...state, status: 'rolled-back' };
    case 'abort':
      return { ...state, status: 'aborted' };
  }
}

interface Seen {
  readonly before: RolloutState & { percent: number };
  readonly after: RolloutState & { percent: number };
  readonly move: RolloutMove;
  readonly input: RolloutInput;
  readonly isFrozen: boolean;
}

/** Every move of a story. */
function walk({
  strategy,
  hasChampion,
  turns,
}: {
  strategy: RolloutStrategy;
  hasChampion: boolean;
  turns: { input: RolloutInput; isFrozen: boolean; seconds: number }[];
}): Seen[] {
  let state: RolloutState & { percent: number } = {
    status: 'waiting',
    step: 0,
    percent: 0,
    stages: stagesOf(strategy),
    hasChampion,
    loadedBy: [],
    keptVerdict: null,
    isPaused: false,
    secondsInStep: 0,
  };
  const seen: Seen[] = [];
  for (const { input, isFrozen, seconds } of turns) {
    state = { ...state, secondsInStep: state.secondsInStep + seconds };
    for (const move of decideRollout(state, input, isFrozen)) {
      const after = applied(state, move);
      seen.push({ before: state, after, move, input, isFrozen });
      state = after;
    }
  }
  return seen;
}

const always = (check: (seen: Seen) => void) =>
  fc.assert(
    fc.property(story, (told) => walk(told).forEach(check)),
    { numRuns: 2_000 },
  );
const shownBy = (state: RolloutState & { percent: number }): RoutedVersion[] =>
  sharesOf(state.hasChampion ? artifact(1) : undefined, {
    status: state.status,
    percent: state.percent,
    candidate: artifact(2),
    isShadow: state.stages[state.step]?.role === 'shadow',
  });

describe('whatever happens to a rollout', () => {
  it('its strategies are ones that can be followed', () => {
    fc.assert(fc.property(strategy, (asked) => assert.deepEqual(strategyFaults(asked), [])));
  });
  it('its status follows the table', () => always(({ before, after }) => assert.ok(moves[before.status].includes(after.status))));
  it('what has ended stays as it ended', () => always(({ before }) => assert.ok(!hasEnded(before.status))));
  it('everything that is told has a reason', () =>
    always(({ move }) => assert.ok(move.kind === 'load' || move.kind === 'note-loaded' || move.reasons.length > 0)));

  it('frozen, the version never gets more than it has', () =>
    always(({ before, after, move, isFrozen }) => {
      if (isFrozen) assert.ok(after.percent <= before.percent || move.kind === 'note-loaded', move.kind);
    }));

  it('paused, it gets more only by a person', () =>
    always(({ before, after, input }) => {
      if (before.isPaused && input.kind !== 'finish') assert.ok(after.percent <= before.percent);
    }));

  it('no step is left for the next before its minimum time', () =>
    always(({ before, move, input }) => {
      const hurried = before.secondsInStep < (before.stages[before.step]?.minSeconds ?? 0);
      if (before.status === 'running' && hurried && input.kind !== 'finish' && before.hasChampion) {
        const isBegun = before.stages[before.step]?.gate === 'none';
        assert.ok(move.kind !== 'advance' && (move.kind !== 'complete' || isBegun), move.kind);
      }
    }));

  it('steps come one after another', () =>
    always(({ before, move }) => {
      if (move.kind === 'advance') assert.equal(move.step, before.step + 1);
    }));

  it('harm ends it at once, in whatever way it is held', () =>
    always(({ before, after, input }) => {
      const isHarm = input.kind === 'tripped' || (input.kind === 'judged' && input.verdict === 'fail' && input.step === before.step);
      if (isHarm && before.status === 'running') assert.equal(after.status, 'rolled-back');
    }));

  it('the shares of those who answer are 100 percent together', () =>
    always(({ after }) => {
      const shown = shownBy(after).filter(({ role }) => role !== 'shadow');
      // a first version that loads answers nobody yet
      if (after.hasChampion || after.status === 'running' || after.status === 'completed')
        assert.equal(
          shown.reduce((sum, { percent }) => sum + percent, 0),
          100,
        );
    }));

  it('one that ended without completing leaves everything to the champion', () =>
    always(({ after }) => {
      if (!hasEnded(after.status) || after.status === 'completed') return;
      assert.deepEqual(
        shownBy(after).map(({ version, percent }) => [version, percent]),
        after.hasChampion ? [[1, 100]] : [],
      );
    }));

  it('the champion stays loaded as long as there may be a return', () =>
    always(({ after }) => {
      if (after.hasChampion && after.status !== 'aborted') assert.ok(shownBy(after).some(({ version }) => version === 1));
    }));
});
