import assert from 'node:assert/strict';
import { it } from 'vitest';
import { countShortLives, restartPauseMs } from './restart-pace.js';

it('starts at once what has run for a while', () => {
  assert.equal(restartPauseMs(60_000, 5), 0);
  assert.equal(countShortLives(60_000, 5), 0);
});

it('pauses longer after each short life, up to ten seconds', () => {
  assert.deepEqual(
    [0, 1, 2, 9].map((lives) => restartPauseMs(50, lives)),
    [100, 200, 400, 10_000],
  );
  assert.equal(countShortLives(50, 2), 3);
});
