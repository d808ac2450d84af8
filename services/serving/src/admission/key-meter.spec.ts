import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { KeyMeter } from './key-meter.js';

describe('the meter of a key', () => {
  it('has slots for its share of the requests under way, and always one', () => {
    const meter = new KeyMeter({ concurrentRequests: 10 }, 0.5, 0);
    meter.running = 4;
    assert.equal(meter.hasSlot(), true);
    meter.running = 5;
    assert.equal(meter.hasSlot(), false);
    meter.setShare(0.01, 0);
    meter.running = 0;
    assert.equal(meter.hasSlot(), true);
  });

  it('takes changed limits at once and keeps what was used up', () => {
    const meter = new KeyMeter({ requestsPerSecond: 1, burst: 5 }, 1, 0);
    for (let taken = 0; taken < 5; taken++) assert.equal(meter.takeRequest(0), 0);
    meter.touch({ requestsPerSecond: 100, burst: 50 }, 0);
    assert.equal(meter.takeRequest(0), 10);
    meter.touch({}, 0);
    assert.equal(meter.takeRequest(0), 0);
  });

  it('admits one request of a rate below one per second', () => {
    const meter = new KeyMeter({ requestsPerSecond: 0.1 }, 0.1, 0);
    assert.equal(meter.takeRequest(0), 0);
    assert.equal(Math.round(meter.takeRequest(0)), 100_000);
  });

  it('is idle only when nothing runs, nobody asks and its bucket is full again', () => {
    const meter = new KeyMeter({ requestsPerSecond: 1, burst: 100 }, 1, 0);
    for (let taken = 0; taken < 100; taken++) meter.takeRequest(0);
    assert.equal(meter.isIdle(50_000), false);
    assert.equal(meter.isIdle(100_000), true);
    meter.running = 1;
    assert.equal(meter.isIdle(100_000), false);
  });

  it('forgets a demand within seconds', () => {
    const limits = {};
    const meter = new KeyMeter(limits, 1, 0);
    for (let asked = 0; asked < 100; asked++) meter.touch(limits, 0);
    meter.tick();
    assert.equal(meter.demand, 50);
    for (let second = 0; second < 14; second++) meter.tick();
    assert.equal(meter.demand, 0);
  });
});
