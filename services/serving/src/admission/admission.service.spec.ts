import assert from 'node:assert/strict';
import type { Credential } from '@bascule/access';
import type { AccessLimits } from '@bascule/contracts';
import { BasculeError, Clock, Metrics } from '@bascule/platform';
import { describe, it } from 'vitest';
import { AdmissionService } from './admission.service.js';

class SetClock extends Clock {
  time = Date.parse('2026-05-06T20:00:00Z');
  override now(): Date {
    return new Date(this.time);
  }
}

function admission() {
  const clock = new SetClock();
  return { clock, service: new AdmissionService(clock, new Metrics('test')) };
}

function key(limits: AccessLimits | undefined, keyId = 'k'): Credential {
  return { keyId, identity: 'ada', roles: ['client'], models: ['*'], datasets: [], ...(limits && { limits }) };
}

function refusal(act: () => unknown): BasculeError {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof BasculeError);
    return error;
  }
  throw new Error('it was admitted');
}

describe('admission', () => {
  it('lets a key without limits pass, and forgets it at once', () => {
    const { service } = admission();
    for (let request = 0; request < 1000; request++) service.enter(key(undefined), 10_000);
    assert.deepEqual([...service.demand()], []);
  });

  it('refuses what comes faster than the rate and says when to come back', () => {
    const { service } = admission();
    const slow = key({ requestsPerSecond: 0.5, burst: 3 });
    for (let request = 0; request < 3; request++) service.enter(slow, 1)();
    const { code, kind, params } = refusal(() => service.enter(slow, 1));
    assert.deepEqual([code, kind], ['serving.rate_limited', 'throttled']);
    assert.ok(Number(params['retryAfterSeconds']) > 1.9 && Number(params['retryAfterSeconds']) <= 2);
    service.enter(key({ requestsPerSecond: 0.5 }, 'another'), 1);
  });

  it('frees a slot when a request ends, answered or failed', () => {
    const { service } = admission();
    const narrow = key({ concurrentRequests: 2 });
    const first = service.enter(narrow, 1);
    const second = service.enter(narrow, 1);
    assert.equal(refusal(() => service.enter(narrow, 1)).code, 'serving.too_many_concurrent');
    first(0);
    const third = service.enter(narrow, 1);
    assert.equal(refusal(() => service.enter(narrow, 1)).code, 'serving.too_many_concurrent');
    second();
    third();
    service.enter(narrow, 1);
  });

  it('counts rows, holds those under way and gives back what was not answered', () => {
    const { service } = admission();
    const small = key({ rowsPerDay: 100 });
    const failing = service.enter(small, 60);
    assert.equal(refusal(() => service.enter(small, 60)).code, 'serving.quota_exhausted');
    failing(0);
    service.enter(small, 60)(50);
    service.enter(small, 50)();
    const { params, detail } = refusal(() => service.enter(small, 1));
    assert.equal(params['retryAfterSeconds'], 4 * 3600);
    assert.match(detail, /100 rows a day and has 0 left/);
  });

  it('says 413, not come back tomorrow, to a request that no day has room for', () => {
    const { service } = admission();
    assert.equal(refusal(() => service.enter(key({ rowsPerDay: 100 }), 101)).code, 'serving.rows_beyond_quota');
  });

  it('starts anew at midnight UTC, also for requests that were under way', () => {
    const { service, clock } = admission();
    const small = key({ rowsPerDay: 10 });
    const over = service.enter(small, 10);
    clock.time = Date.parse('2026-05-07T00:00:00Z');
    service.enter(small, 10)();
    over(0);
    assert.equal(refusal(() => service.enter(small, 1)).code, 'serving.quota_exhausted');
  });

  it('counts the rows and shares the slots of other gateways', () => {
    const { service } = admission();
    const shared = key({ rowsPerDay: 10, concurrentRequests: 4 });
    service.counted.of('k').others = 7;
    assert.equal(refusal(() => service.enter(shared, 4)).code, 'serving.quota_exhausted');
    service.tick(2, new Map([['k', 0.5]]));
    const ends = [service.enter(shared, 1), service.enter(shared, 1)];
    assert.equal(refusal(() => service.enter(shared, 1)).code, 'serving.too_many_concurrent');
    for (const end of ends) end();
  });

  it('counts the rows of batch jobs, which it lets in only while a row is left', () => {
    const { service } = admission();
    const small = key({ rowsPerDay: 10 });
    service.requireRowsLeft(small);
    service.requireRowsLeft(key(undefined));
    service.count('k', 25);
    assert.equal(refusal(() => service.requireRowsLeft(small)).code, 'serving.quota_exhausted');
    assert.equal(refusal(() => service.enter(small, 1)).code, 'serving.quota_exhausted');
  });

  it('forgets a key nobody uses, and none that has requests under way', () => {
    const { service } = admission();
    const end = service.enter(key({ concurrentRequests: 1 }), 1);
    for (let second = 0; second < 20; second++) service.tick(1, new Map());
    assert.equal(refusal(() => service.enter(key({ concurrentRequests: 1 }), 1)).code, 'serving.too_many_concurrent');
    end();
  });
});
