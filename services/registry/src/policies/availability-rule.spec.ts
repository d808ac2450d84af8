import { describe, expect, it } from 'vitest';
import { availabilityRule } from './availability-rule.js';
import { promotionPolicy } from './policy.schema.js';

const now = new Date('2026-06-02T00:00:00Z');
const policy = promotionPolicy.parse({ availability: { minBudgetLeft: 0.1, objective: 0.99 } });
const measured = (requestCount: number, failedCount: number, to: string) => ({
  requestCount,
  failedCount,
  from: new Date('2026-05-20T00:00:00Z'),
  to: new Date(to),
});
const counted = (requestCount: number, failedCount: number, to = '2026-06-01T23:00:00Z') =>
  availabilityRule(policy, { availability: measured(requestCount, failedCount, to), now })[0];

describe('the rule about the error budget', () => {
  it('names window, requests, failures and objective, and tells the room that is left', () => {
    expect(counted(10_000, 60)).toMatchObject({
      outcome: 'pass',
      margin: expect.closeTo(0.3),
      reasons: [
        'the error budget left of the objective 0.99 (60 of 10000 requests failed in 28 days, as gateways counted until 2026-06-01T23:00:00.000Z) is 0.4, at least 0.1',
      ],
    });
    expect(counted(10_000, 90)).toMatchObject({ outcome: 'pass', margin: 0 });
    expect(counted(10_000, 91)?.outcome).toBe('fail');
    expect(counted(10_000, 250)).toMatchObject({ outcome: 'fail', margin: expect.closeTo(-1.6) });
  });

  it('is not met where nothing was counted, or not lately', () => {
    expect(availabilityRule(promotionPolicy.parse({}), { now })).toEqual([]);
    expect(availabilityRule(policy, { now })[0]).toMatchObject({
      outcome: 'fail',
      reasons: ['gateways counted no request in 28 days, and an error budget of at least 0.1 is asked for'],
    });
    expect(availabilityRule(policy, { availability: { requestCount: 0, failedCount: 0, from: null, to: null }, now })[0]?.outcome).toBe(
      'fail',
    );
    expect(counted(10_000, 0, '2026-05-30T00:00:00Z')).toMatchObject({
      outcome: 'fail',
      reasons: [expect.stringContaining('72.0 hours old')],
    });
  });

  it('keeps no former champion from coming back, however little is left', () => {
    const spent = measured(10_000, 900, '2026-06-01T23:00:00Z');
    expect(availabilityRule(policy, { availability: spent, isGoingBack: false, now })[0]?.outcome).toBe('fail');
    for (const availability of [spent, undefined])
      expect(availabilityRule(policy, { availability, isGoingBack: true, now })).toEqual([
        { gate: 'availability-budget', outcome: 'pass', reasons: ['a former champion comes back, which costs none of the error budget'] },
      ]);
  });
});
