import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { BodyShares } from './body-shares.js';

/** How many bodies of `bytes` bytes enter before one is refused. */
function fill(shares: BodyShares, sender: string, bytes = 1): number {
  let entered = 0;
  while (shares.enter(sender, bytes)) entered++;
  return entered;
}

describe('bodies on their way', () => {
  it('of one sender leave half of the room to others', () => {
    const shares = new BodyShares({ maxRequests: 4_096, maxBytes: 1e9 });
    assert.equal(fill(shares, 'greedy'), 2_048);
    assert.ok(shares.enter('modest', 1));
  });

  it('leave room however many senders want all of it', () => {
    const shares = new BodyShares({ maxRequests: 4_096, maxBytes: 1e9 });
    for (let sender = 0; sender < 8; sender++) fill(shares, `greedy ${sender}`);
    assert.ok(shares.requests < 4_096);
    assert.ok(shares.enter('modest', 1));
  });

  it('are counted by their bytes as well', () => {
    const shares = new BodyShares({ maxRequests: 4_096, maxBytes: 100 });
    assert.equal(fill(shares, 'greedy', 10), 5);
    assert.equal(fill(shares, 'modest', 10), 3);
  });

  it('may be one of any size, and never more than all', () => {
    const shares = new BodyShares({ maxRequests: 2, maxBytes: 100 });
    assert.ok(shares.enter('a', 1_000));
    assert.equal(shares.enter('a', 1), undefined);
    assert.ok(shares.enter('b', 1_000));
    assert.equal(shares.enter('c', 1), undefined);
  });

  it('that have come make room for others', () => {
    const shares = new BodyShares({ maxRequests: 2, maxBytes: 100 });
    const share = shares.enter('a', 60);
    assert.ok(share);
    shares.leave(share, 60);
    assert.equal(shares.requests, 0);
    assert.ok(shares.enter('a', 60));
  });
});
