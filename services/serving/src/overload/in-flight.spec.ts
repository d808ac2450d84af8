import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { announcedBytes, InFlight } from './in-flight.js';

describe('what is in flight', () => {
  it('is bounded in requests', () => {
    const inFlight = new InFlight({ maxRequests: 2, maxBytes: 100 });
    assert.deepEqual([inFlight.enter(1), inFlight.enter(1), inFlight.enter(1)], [true, true, false]);
    inFlight.leave(1);
    assert.equal(inFlight.enter(1), true);
  });

  it('is bounded in bytes, but one body of any size enters alone', () => {
    const inFlight = new InFlight({ maxRequests: 10, maxBytes: 100 });
    assert.equal(inFlight.enter(500), true);
    assert.equal(inFlight.enter(1), false);
    inFlight.leave(500);
    assert.deepEqual([inFlight.enter(60), inFlight.enter(60), inFlight.enter(40)], [true, false, true]);
    assert.equal(inFlight.bytes, 100);
  });

  it('has room for others while bodies take their time, but not for the bytes of these', () => {
    const inFlight = new InFlight({ maxRequests: 1, maxBytes: 100 });
    inFlight.add(90);
    inFlight.setAside();
    assert.deepEqual([inFlight.hasRoom(10), inFlight.hasRoom(11)], [true, false]);
    inFlight.takeBack();
    assert.equal(inFlight.hasRoom(1), false);
  });
});

describe('the room set aside for a body', () => {
  it('is its length, and more for a packed one', () => {
    assert.equal(announcedBytes({ 'content-length': '300' }, 10_000), 300);
    assert.equal(announcedBytes({ 'content-length': '300', 'content-encoding': 'gzip' }, 10_000), 2_400);
  });

  it('is never more than the largest body taken, and a guess for one of unknown length', () => {
    assert.equal(announcedBytes({ 'content-length': '99999999' }, 10_000), 10_000);
    assert.equal(announcedBytes({}, 16_000_000), 1_000_000);
    assert.equal(announcedBytes({ 'content-length': 'x' }, 16_000_000), 1_000_000);
  });
});
