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

  it('lets nobody wait behind a probe', () => {
    const breaker = opened();
    assert.equal(breaker.enter(100), true);
    assert.equal(breaker.waitMs(130), 100);
    breaker.ended();
    assert.equal(breaker.waitMs(130), 0);
  });

  it('opens before so many when two in a row took half of the time that others wait, and pauses as long as the last took', () => {
    const breaker = new CircuitBreaker({ ...limits, maxPauseMs: 10_000, maxLostMs: 15_000 });
    breaker.failed(5_000, 5_000);
    assert.equal(breaker.enter(5_000), true);
    breaker.failed(10_000, 5_000);
    assert.equal(breaker.enter(14_999), false);
    assert.equal(breaker.waitMs(12_000), 3_000);
    assert.equal(breaker.enter(15_000), true);
    breaker.failed(20_000, 5_000);
    assert.equal(breaker.waitMs(20_000), 10_000);
  });

  it('never opens for a single one, however long it took', () => {
    const breaker = new CircuitBreaker({ ...limits, maxLostMs: 15_000 });
    breaker.failed(60_000, 60_000);
    assert.equal(breaker.enter(60_000), true);
  });

  it('opens when half of the time is lost although others succeed between, not when less is', () => {
    const busy = (everyMs: number) => {
      const breaker = new CircuitBreaker({ ...limits, maxLostMs: 15_000 });
      for (let now = everyMs; now <= 120_000; now += everyMs) {
        if (!breaker.enter(now)) return now;
        breaker.failed(now, 5_000);
        if (!breaker.enter(now)) return now;
        breaker.succeeded();
      }
      return 'never';
    };
    assert.equal(busy(9_000), 27_000);
    assert.equal(busy(16_000), 'never');
  });

  it('forgets what was lost once a probe succeeded', () => {
    const breaker = new CircuitBreaker({ ...limits, maxLostMs: 15_000 });
    breaker.failed(5_000, 5_000);
    breaker.failed(10_000, 5_000);
    assert.equal(breaker.enter(15_000), true);
    breaker.succeeded();
    breaker.failed(20_000, 5_000);
    assert.equal(breaker.enter(20_000), true);
  });
});
