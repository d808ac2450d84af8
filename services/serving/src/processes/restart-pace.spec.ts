import assert from 'node:assert/strict';
import { it } from 'vitest';
import { countShortLives, restartPauseMs } from './restart-pace.js';

const life = (ms: number, hasListened = false) => ({ ms, hasListened });

it('starts at once what has run for a while', () => {
  assert.equal(restartPauseMs(life(60_000), 5), 0);
  assert.equal(countShortLives(life(60_000), 5), 0);
});

it('pauses longer after each short life, up to ten seconds', () => {
  assert.deepEqual(
    [0, 1, 2, 9].map((lives) => restartPauseMs(life(50), lives)),
    [100, 200, 400, 10_000],
  );
  assert.equal(countShortLives(life(50), 2), 3);
});

it('pauses a second at most after a life in which connections were taken, however often they are killed', () => {
  assert.deepEqual(
    [0, 2, 9].map((lives) => restartPauseMs(life(4_000, true), lives)),
    [100, 400, 1_000],
  );
  assert.equal(restartPauseMs(life(60_000, true), 9), 0);
});
