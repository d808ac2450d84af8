import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { fairShare } from './fair-share.js';

describe('the share of a gateway', () => {
  it('is all of it when it is alone', () => {
    assert.equal(fairShare(1, { own: 0, others: 5 }), 1);
  });

  it('is even while nobody is asked', () => {
    assert.equal(fairShare(4, { own: 0, others: 0 }), 0.25);
  });

  it('follows the requests, and leaves a little for the first ones elsewhere', () => {
    assert.equal(fairShare(2, { own: 10, others: 0 }).toFixed(2), '0.95');
    assert.equal(fairShare(2, { own: 0, others: 10 }).toFixed(2), '0.05');
  });

  it.each([[[1, 2, 3]], [[0, 0, 9]], [[5, 5, 5, 5]], [[0, 0]], [[0.3, 100, 7, 0, 12]]])(
    'adds up to one over all gateways: %j',
    (demands) => {
      const total = demands.reduce((sum, demand) => sum + demand, 0);
      const shares = demands.map((own) => fairShare(demands.length, { own, others: total - own }));
      assert.ok(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1) < 1e-9);
    },
  );
});
