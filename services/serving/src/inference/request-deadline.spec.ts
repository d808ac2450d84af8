import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { deadlineOf } from './request-deadline.js';

const at = (timeout?: string | number | boolean, deadlineAt?: number) => {
  const read = deadlineOf({ timeout, deadlineAt }, 1_000, 5_000);
  return read.ok ? read.value : read.reason;
};

describe('the deadline of a request', () => {
  it('is the limit of the server without any other', () => assert.equal(at(), 6_000));
  it('is its timeout in microseconds when that is shorter', () => {
    assert.equal(at(250_000), 1_250);
    assert.equal(at('250000'), 1_250);
    assert.equal(at(60_000_000), 6_000);
  });
  it('is not changed by a timeout of 0', () => assert.equal(at(0), 6_000));
  it('is what the transport says when that is earlier still', () => {
    assert.equal(at(250_000, 1_100), 1_100);
    assert.equal(at(undefined, 99_000), 6_000);
  });
  it.each([-1, 1.5, 'soon', '', true, Number.NaN])('refuses %j, naming the parameter', (timeout) => {
    assert.match(String(at(timeout)), /parameters.timeout/);
  });
});
