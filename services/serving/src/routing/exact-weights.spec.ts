import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { chooseVersion } from './traffic-split.js';

const shares = (percent: number) => [
  { version: 1, percent: 100 - percent },
  { version: 2, percent },
];

/** Chi-square with one degree of freedom is above this once in 10,000 times. */
const limit = 15.14;

describe('the weights of a rollout', () => {
  const cases = [
    ...[100, 10_000].flatMap((requests) => [1, 10, 50, 90].map((percent) => [requests, percent] as const)),
    [1_000_000, 10] as const,
  ];
  it.each(cases)(
    'are exact at %i requests and %i percent, by a chi-square test',
    (requests, percent) => {
      let taken = 0;
      for (let request = 0; request < requests; request++) {
        if (chooseVersion(shares(percent), `request-${request}`, 'rollout') === 2) taken++;
      }
      const expected = (requests * percent) / 100;
      const chiSquare = (taken - expected) ** 2 / expected + (taken - expected) ** 2 / (requests - expected);
      assert.ok(chiSquare < limit, `${taken} of ${requests}, chi-square ${chiSquare.toFixed(2)}`);
    },
    // a million hashes
    60_000,
  );

  it('move a client only when its weight moves past it: no more of them than the weight grew by', () => {
    const clients = Array.from({ length: 2_000 }, (_, index) => `client-${index}`);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 100 }), fc.uuid(), (before, after, rollout) => {
        let [moved, movedAgainst] = [0, 0];
        for (const client of clients) {
          const [from, to] = [chooseVersion(shares(before), client, rollout), chooseVersion(shares(after), client, rollout)];
          if (from === to) continue;
          moved++;
          // while the new version grows nobody leaves it, while it shrinks nobody comes
          if ((to === 2) !== after > before) movedAgainst++;
        }
        const grown = Math.abs(after - before) / 100;
        assert.equal(movedAgainst, 0);
        assert.ok(Math.abs(moved / clients.length - grown) <= 5 * Math.sqrt((grown * (1 - grown)) / clients.length) + 1e-9);
      }),
      { numRuns: 60 },
    );
  });
});
