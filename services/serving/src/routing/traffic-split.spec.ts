import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { bucketOf, chooseVersion } from './traffic-split.js';

const keys = Array.from({ length: 100_000 }, (_, index) => `claim-${index}`);
const shares = (percent: number) => [
  { version: 1, percent: 100 - percent },
  { version: 2, percent },
];

describe('the traffic split', () => {
  it.each([1, 10, 50])('gives the challenger its %i percent of uniform keys', (percent) => {
    const taken = keys.filter((key) => chooseVersion(shares(percent), key, 'rollout') === 2).length;
    const expected = keys.length * (percent / 100);
    // four standard deviations of a fair draw
    assert.ok(Math.abs(taken - expected) < 4 * Math.sqrt(expected * (1 - percent / 100)), `${taken} of ${expected}`);
  });

  it('falls evenly on its scale: chi-square over 100 cells stays below the 99.9 % point', () => {
    const cells = new Array<number>(100).fill(0);
    for (const key of keys) cells[Math.floor(bucketOf(key, 's') / 100)]! += 1;
    const chiSquare = cells.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    assert.ok(chiSquare < 148.2, String(chiSquare));
  });

  it('always gives a key the same version', () => {
    for (const key of keys.slice(0, 100)) assert.equal(chooseVersion(shares(50), key, 'r'), chooseVersion(shares(50), key, 'r'));
  });

  it('keeps a key on the challenger while its share grows', () => {
    const early = keys.filter((key) => chooseVersion(shares(10), key, 'r') === 2);
    assert.ok(early.every((key) => chooseVersion(shares(50), key, 'r') === 2));
  });

  it('draws another sample for another rollout', () => {
    const first = new Set(keys.slice(0, 10_000).filter((key) => chooseVersion(shares(10), key, 'a') === 2));
    const both = keys.slice(0, 10_000).filter((key) => first.has(key) && chooseVersion(shares(10), key, 'b') === 2);
    assert.ok(both.length < 200, String(both.length));
  });

  it('gives everything to the only version with a share, and nothing when there is none', () => {
    assert.equal(
      chooseVersion(
        [
          { version: 1, percent: 100 },
          { version: 2, percent: 0 },
        ],
        'k',
        's',
      ),
      1,
    );
    assert.equal(chooseVersion([{ version: 2, percent: 0 }], 'k', 's'), undefined);
  });
});
