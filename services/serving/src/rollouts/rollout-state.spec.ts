import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { decideRollout, type RolloutInput, type RolloutState } from './rollout-state.js';

const state = (changes: Partial<RolloutState> = {}): RolloutState => ({
  status: 'running',
  step: 0,
  steps: [10, 50, 100],
  hasChampion: true,
  loadedBy: [],
  keptVerdict: null,
  ...changes,
});
const loaded: RolloutInput = { kind: 'loaded', gatewayId: 'g' };
const judged = (verdict: 'pass' | 'fail' | 'insufficient-data', step = 0): RolloutInput => ({
  kind: 'judged',
  step,
  verdict,
  reasons: ['r'],
});
const refused = (isTampered = false): RolloutInput => ({ kind: 'refused', reasons: ['r'], isTampered });
const loading = state({ status: 'loading' });
const kept = { step: 0, reasons: ['r'] };

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
  ...(['completed', 'rolled-back', 'aborted'] as const).map((status): (typeof table)[number] => [
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

  it('gives a reason for every move that is published', () => {
    for (const [, from, input, isFrozen] of table) {
      for (const move of decideRollout(from, input, isFrozen)) if ('reasons' in move) assert.ok(move.reasons.length > 0, move.kind);
    }
  });
});
