import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { type Ballot, weighVote } from './approval-policy.js';

const ballot: Ballot = {
  status: 'pending',
  requestedBy: 'sam',
  requirements: [{ role: 'approver', count: 1 }],
  votes: [],
  voter: 'ann',
  roles: ['approver'],
  decision: 'grant',
  now: new Date('2026-01-01T00:00:00Z'),
};

describe('a vote', () => {
  it('decides an open approval', () => {
    assert.deepEqual(weighVote(ballot), { outcome: 'granted' });
    assert.deepEqual(weighVote({ ...ballot, decision: 'deny' }), { outcome: 'denied' });
  });

  it('is refused to whoever made the request', () => {
    assert.deepEqual(weighVote({ ...ballot, voter: 'sam' }), {
      outcome: 'refused',
      because: 'own-request',
      reasons: ['sam requested this promotion'],
    });
  });

  it.each(['Sam', ' sam ', 'ｓａｍ', 'SAM'])('is refused to the requester under a name that only looks different: %j', (voter) => {
    assert.equal(weighVote({ ...ballot, voter }).outcome, 'refused');
    assert.equal(weighVote({ ...ballot, requestedBy: voter, voter: 'sam' }).outcome, 'refused');
  });

  it('is refused to whoever overrode the gates', () => {
    assert.equal(weighVote({ ...ballot, overriddenBy: 'ann' }).outcome, 'refused');
  });

  it('is refused once the approval is decided or closed', () => {
    for (const status of ['granted', 'denied', 'closed'] as const) {
      assert.deepEqual(weighVote({ ...ballot, status }), {
        outcome: 'refused',
        because: 'decided',
        reasons: [`the approval is ${status}`],
      });
    }
  });

  it('is refused once the time of the request is over', () => {
    const endsAt = '2026-01-01T00:00:00.000Z';
    const at = (now: string) => weighVote({ ...ballot, endsAt, now: new Date(now) });
    assert.deepEqual(at('2025-12-31T23:59:59.999Z'), { outcome: 'granted' });
    assert.deepEqual(at(endsAt), { outcome: 'refused', because: 'decided', reasons: [`the time to vote was over at ${endsAt}`] });
  });

  it('counts until everybody who is asked has said yes, and one no ends it', () => {
    const asked = { ...ballot, requirements: [{ role: 'approver', count: 2 } as const, { role: 'operator', count: 1 } as const] };
    assert.deepEqual(weighVote(asked), { outcome: 'counted', missing: ['approver', 'operator'] });
    const votes = [
      { by: 'ben', roles: ['approver'] },
      { by: 'otto', roles: ['operator'] },
    ];
    assert.deepEqual(weighVote({ ...asked, votes }), { outcome: 'granted' });
    assert.deepEqual(weighVote({ ...asked, votes, roles: ['operator'] }), { outcome: 'counted', missing: ['approver'] });
    assert.deepEqual(weighVote({ ...asked, votes: [], decision: 'deny' }), { outcome: 'denied' });
  });

  it('is refused to a role that nobody asked, and to whoever has voted under any name that looks alike', () => {
    assert.partialDeepStrictEqual(weighVote({ ...ballot, roles: ['admin'] }), { outcome: 'refused', because: 'role' });
    const twice = { ...ballot, requirements: [{ role: 'approver', count: 2 } as const], votes: [{ by: 'Ann ', roles: ['approver'] }] };
    assert.partialDeepStrictEqual(weighVote(twice), { outcome: 'refused', because: 'voted' });
  });
});
