import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { CircuitBreaker } from './circuit-breaker.js';

const limits = { maxFailures: 3, pauseMs: 100, maxPauseMs: 350 };

function opened(): CircuitBreaker {
  const breaker = new CircuitBreaker(limits);
  for (let failure = 0; failure < 3; failure++) breaker.failed(0);
  return breaker;
}

describe('a circuit breaker', () => {
  it('opens after failures in a row, not after as many with a success between', () => {
    const breaker = new CircuitBreaker(limits);
    breaker.failed(0);
    breaker.failed(0);
    breaker.succeeded();
    breaker.failed(0);
    breaker.failed(0);
    assert.equal(breaker.enter(0), true);
    breaker.failed(0);
    assert.equal(breaker.enter(0), false);
    assert.equal(breaker.waitMs(40), 60);
  });

  it('lets one probe through after the pause, and all once that succeeded', () => {
    const breaker = opened();
    assert.equal(breaker.enter(99), false);
    assert.equal(breaker.enter(100), true);
    assert.equal(breaker.enter(100), false);
    breaker.succeeded();
    assert.equal(breaker.enter(100), true);
    assert.equal(breaker.enter(100), true);
  });

  it('pauses longer after each failed probe, up to a limit', () => {
    const breaker = opened();
    const pauses = [100, 200, 350, 350];
    let now = 0;
    for (const pause of pauses) {
      assert.equal(breaker.waitMs(now), pause);
      now += pause;
      assert.equal(breaker.enter(now), true);
      breaker.failed(now);
    }
  });
});
