import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { TokenBucket } from './token-bucket.js';

describe('a token bucket', () => {
  it('gives what it holds at once, then one after the other at its speed', () => {
    const bucket = new TokenBucket(3, 10, 0);
    assert.deepEqual(
      [0, 0, 0].map(() => bucket.take(0)),
      [0, 0, 0],
    );
    assert.equal(bucket.take(0), 100);
    assert.equal(bucket.take(99.9) > 0, true);
    assert.equal(bucket.take(100), 0);
  });

  it('says truly how long to wait: then there is one, and not before', () => {
    const bucket = new TokenBucket(1, 0.4, 0);
    bucket.take(0);
    const waitMs = bucket.take(700);
    assert.equal(bucket.take(700 + waitMs - 0.01) > 0, true);
    assert.equal(bucket.take(700 + waitMs), 0);
  });

  it('never holds more than its size, however long it is left alone, and minds no clock that stands', () => {
    const bucket = new TokenBucket(2, 1000, 0);
    assert.equal(bucket.isFull(1e9), true);
    assert.deepEqual(
      [0, 0].map(() => bucket.take(1e9)),
      [0, 0],
    );
    assert.ok(bucket.take(1e9) > 0);
    assert.ok(bucket.take(5) > 0);
  });

  it('keeps what is in it when its size changes, as far as it fits', () => {
    const bucket = new TokenBucket(10, 1, 0);
    bucket.resize(2, 1, 0);
    assert.deepEqual(
      [0, 0].map(() => bucket.take(0)),
      [0, 0],
    );
    bucket.resize(100, 1, 0);
    assert.equal(bucket.take(0), 1000);
  });
});
