import assert from 'node:assert/strict';
import type { RolloutStrategy } from '@bascule/contracts';
import { describe, it } from 'vitest';
import { stagesOf } from './rollout-stages.js';
import { decideRollout, type RolloutInput, type RolloutState } from './rollout-state.js';

const state = (changes: Partial<RolloutState> = {}): RolloutState => ({
  status: 'running',
  step: 0,
  stages: stagesOf({ steps: [10, 50, 100] }),
  hasChampion: true,
  loadedBy: [],
  keptVerdict: null,
  isPaused: false,
  secondsInStep: 0,
  ...changes,
});
const loaded: RolloutInput = { kind: 'loaded', gatewayId: 'g' };
const judged = (verdict: 'pass' | 'fail' | 'insufficient-data' | 'no-winner', step = 0): RolloutInput => ({
  kind: 'judged',
  step,
  verdict,
  reasons: ['r'],
});
const refused = (isTampered = false): RolloutInput => ({ kind: 'refused', reasons: ['r'], isTampered });
const loading = state({ status: 'loading' });
const kept = { step: 0, reasons: ['r'] };
const by = (kind: 'pause' | 'unpause' | 'finish' | 'abort'): RolloutInput => ({ kind, reasons: ['r'] });
const tripped: RolloutInput = { kind: 'tripped', reasons: ['r'] };
const resume: RolloutInput = { kind: 'resume' };
const of = (strategy: RolloutStrategy) => ({ stages: stagesOf(strategy) });
const slow = of({ steps: [10, 100], minSeconds: 60 });
const blueGreen = of({ kind: 'blue-green', steps: [100], minSeconds: 60 });
const shadow = of({ kind: 'shadow', steps: [100], shadowPercent: 30 });
const paused = { isPaused: true };

const table: [name: string, state: RolloutState, input: RolloutInput, isFrozen: boolean, moves: string[]][] = [
  ['a waiting rollout loads when its turn comes', state({ status: 'waiting' }), { kind: 'resume' }, false, ['load']],
  ['a waiting rollout stays while frozen', state({ status: 'waiting' }), { kind: 'resume' }, true, []],
  ['a loaded version takes its first share', loading, loaded, false, ['note-loaded', 'start 0 10']],
  ['a loaded version waits while frozen', loading, loaded, true, ['note-loaded', 'stay']],
  [
    'a version loaded while frozen starts afterwards',
    state({ status: 'loading', loadedBy: ['g'] }),
    { kind: 'resume' },
    false,
    ['start 0 10'],
  ],
  ['a version not loaded yet does not start', loading, { kind: 'resume' }, false, []],
  [
    'without a champion the version takes all',
    state({ status: 'loading', hasChampion: false }),
    loaded,
    false,
    ['note-loaded', 'start 0 100', 'complete'],
  ],
  ['a refused version ends the rollout', loading, refused(), false, ['abort']],
  ['one refusal does not undo another load', state({ status: 'loading', loadedBy: ['g'] }), refused(), false, ['stay']],
  ['a slow gateway that refuses does not stop a running rollout', state({ loadedBy: ['g'] }), refused(), false, ['stay']],
  ['tampered bytes end the rollout wherever it stands', state({ loadedBy: ['g'] }), refused(true), true, ['abort']],
  ['a passed step leads to the next', state(), judged('pass'), false, ['advance 1 50']],
  ['a passed last step completes', state({ step: 2 }), judged('pass', 2), false, ['complete']],
  ['a verdict is kept while frozen', state(), judged('pass'), true, ['keep-verdict']],
  ['a kept verdict is applied afterwards', state({ keptVerdict: kept }), { kind: 'resume' }, false, ['advance 1 50']],
  ['a kept verdict on a former step is ignored', state({ step: 1, keptVerdict: kept }), { kind: 'resume' }, false, []],
  ['a failed step rolls back', state({ step: 1 }), judged('fail', 1), false, ['roll-back']],
  ['a failed step rolls back while frozen', state(), judged('fail'), true, ['roll-back']],
  ['too little data changes nothing but the record', state(), judged('insufficient-data'), false, ['stay']],
  ['a verdict on another step is ignored', state({ step: 1 }), judged('fail', 0), false, []],
  ['a verdict before the start is ignored', loading, judged('pass'), false, []],
  ['a person can stop it at any time', state({ status: 'waiting' }), { kind: 'abort', reasons: ['r'] }, true, ['abort']],
  ['a second load changes nothing while running', state(), loaded, false, []],
  ['a passed step waits for its minimum time', state(slow), judged('pass'), false, ['keep-verdict']],
  ['before its minimum time a kept verdict stays kept', state({ ...slow, keptVerdict: kept, secondsInStep: 59 }), resume, false, []],
  ['after it, it is followed', state({ ...slow, keptVerdict: kept, secondsInStep: 60 }), resume, false, ['advance 1 100']],
  ['harm does not wait for a minimum time', state(slow), judged('fail'), false, ['roll-back']],
  ['a gateway that trips rolls back', state({ step: 2 }), tripped, false, ['roll-back']],
  ['a gateway that trips rolls back, frozen and paused', state(paused), tripped, true, ['roll-back']],
  ['what a gateway saw before the start is nothing', loading, tripped, false, []],
  ['a paused rollout keeps a passed verdict', state(paused), judged('pass'), false, ['keep-verdict']],
  ['a paused rollout follows nothing', state({ ...paused, keptVerdict: kept }), resume, false, []],
  ['a paused rollout does not start', state({ ...paused, status: 'loading' }), loaded, false, ['note-loaded', 'stay']],
  ['a paused rollout rolls back on harm', state(paused), judged('fail'), false, ['roll-back']],
  ['pausing what is paused is nothing', state(paused), by('pause'), false, []],
  ['resuming what is not paused is nothing', state(), by('unpause'), false, []],
  ['a person holds it', state(), by('pause'), false, ['pause']],
  ['and lets it go', state(paused), by('unpause'), false, ['unpause']],
  ['a person finishes it', state(), by('finish'), false, ['complete']],
  ['a person finishes what is paused', state(paused), by('finish'), false, ['complete']],
  ['nobody finishes while frozen', state(), by('finish'), true, []],
  ['nobody finishes what does not run', loading, by('finish'), false, []],
  [
    'all at once starts and completes',
    state({ status: 'loading', ...of({ kind: 'all-at-once', steps: [100] }) }),
    loaded,
    false,
    ['note-loaded', 'start 0 100', 'complete'],
  ],
  ['blue-green takes everything at once', state({ status: 'loading', ...blueGreen }), loaded, false, ['note-loaded', 'start 0 100']],
  ['blue-green keeps the former version although all is well', state(blueGreen), judged('pass'), false, ['stay']],
  ['blue-green completes when its time is over', state({ ...blueGreen, secondsInStep: 60 }), resume, false, ['complete']],
  ['blue-green returns on harm', state(blueGreen), judged('fail'), false, ['roll-back']],
  ['blue-green does not complete while paused', state({ ...blueGreen, ...paused, secondsInStep: 60 }), resume, false, []],
  ['a shadow gets copies', state({ status: 'loading', ...shadow }), loaded, false, ['note-loaded', 'start 0 30']],
  ['a shadow that passed waits for a person', state(shadow), judged('pass'), false, ['stay']],
  ['a shadow is finished by a person', state(shadow), by('finish'), false, ['complete']],
  ['an A/B test that won completes', state(of({ kind: 'ab-test', steps: [50, 100] })), judged('pass'), false, ['complete']],
  [
    'an A/B test without a winner leaves the champion',
    state(of({ kind: 'ab-test', steps: [50, 100] })),
    judged('no-winner'),
    true,
    ['no-winner'],
  ],
  ['a marked version does not even load', state({ status: 'waiting' }), { kind: 'marked', reasons: ['r'] }, false, ['abort']],
  ...(['completed', 'rolled-back', 'no-winner', 'aborted'] as const).map((status): (typeof table)[number] => [
    `nothing happens to a rollout that is ${status}`,
    state({ status }),
    judged('pass'),
    false,
    [],
  ]),
];

describe('a rollout', () => {
  it.each(table)('%s', (_name, from, input, isFrozen, expected) => {
    const moves = decideRollout(from, input, isFrozen);
    const texts = moves.map((move) => ('percent' in move ? `${move.kind} ${move.step} ${move.percent}` : move.kind));
    assert.deepEqual(texts, expected);
  });

  it('marks the version when it is taken back, not when a person stops it', () => {
    const marks = (from: RolloutState, input: RolloutInput) =>
      decideRollout(from, input, false).map((move) => ('marks' in move ? move.marks : undefined));
    assert.deepEqual(
      [judged('fail'), tripped, judged('no-winner'), by('abort')].map((input) => marks(state(), input)),
      [[true], [true], [undefined], [false]],
    );
    assert.deepEqual(marks(loading, refused()), [true]);
  });

  it('gives a reason for every move that is published', () => {
    for (const [, from, input, isFrozen] of table) {
      for (const move of decideRollout(from, input, isFrozen)) if ('reasons' in move) assert.ok(move.reasons.length > 0, move.kind);
    }
  });
});
