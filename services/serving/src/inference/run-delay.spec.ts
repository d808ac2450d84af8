import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { RunDelay } from './run-delay.js';

describe('the delay of runs', () => {
  /** Learns from runs that compute 10 ms each and end so many ms after one another. */
  function after(runs: number, everyMs: number): { delay: RunDelay; now: number } {
    const delay = new RunDelay();
    for (let run = 1; run <= runs; run++) delay.observe(everyMs, 10, run * everyMs);
    return { delay, now: runs * everyMs };
  }

  it('is none before anything was seen, and none while runs follow one another at once', () => {
    assert.equal(new RunDelay().times(0), 1);
    const { delay, now } = after(100, 10);
    assert.equal(delay.times(now), 1);
  });

  it('is what comes between runs, as a multiple of what they compute', () => {
    const { delay, now } = after(200, 40);
    assert.ok(delay.times(now) > 3 && delay.times(now) < 4, `${delay.times(now)}`);
  });

  it('is hardly moved by a single run that was held up', () => {
    const { delay, now } = after(100, 10);
    delay.observe(60, 10, now + 60);
    assert.ok(delay.times(now + 60) < 1.2);
  });

  it('is forgotten when nothing queues up any more', () => {
    const { delay, now } = after(200, 40);
    assert.ok(delay.times(now + 10_000) < 1.01);
  });

  it('is never taken for less than none, nor for more than could be meant', () => {
    const { delay, now } = after(100, 1);
    assert.equal(delay.times(now), 1);
    delay.observe(60_000, 10, now + 60_000);
    assert.equal(delay.times(now + 60_000), 20);
  });
});
