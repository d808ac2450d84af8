import { describe, expect, it } from 'vitest';
import { decideTrip } from './decide-trip.js';
import { RecentAnswers } from './recent-answers.js';

type Said = readonly [keyId: string, sizeClass: number, count: number, ms: number];

function recent(...said: readonly Said[]) {
  const answers = new RecentAnswers();
  for (const [keyId, sizeClass, count, ms] of said)
    for (let answer = 0; answer < count; answer++) answers.answered(1_000, ms * 1_000, { keyId, sizeClass });
  return answers.read(1_000);
}

describe('slow answers take a version back', () => {
  it.each<[is: boolean, what: string, version: Said[], champion: Said[]]>([
    [
      true,
      'when several keys have them',
      [
        ['a', 3, 20, 900],
        ['b', 3, 20, 900],
      ],
      [
        ['a', 3, 50, 3],
        ['b', 3, 50, 3],
      ],
    ],
    [true, 'when the only key has them', [['a', 3, 40, 900]], [['a', 3, 100, 3]]],
    [
      true,
      'when the others ask hardly anything',
      [
        ['a', 3, 40, 900],
        ['b', 3, 2, 3],
      ],
      [['a', 3, 100, 3]],
    ],
    [
      true,
      'also of a key that the champion has not seen',
      [
        ['a', 3, 20, 900],
        ['b', 3, 20, 900],
      ],
      [['c', 3, 100, 3]],
    ],
    [
      false,
      'not when one key has them and others have fast ones',
      [
        ['a', 3, 40, 900],
        ['b', 3, 10, 3],
      ],
      [
        ['a', 3, 50, 3],
        ['b', 3, 50, 3],
      ],
    ],
    [
      false,
      'not when that key has them from the champion too',
      [['a', 3, 40, 900]],
      [
        ['a', 3, 15, 900],
        ['b', 3, 200, 3],
      ],
    ],
    [false, 'not when inputs are larger than any the champion has had', [['a', 7, 40, 900]], [['a', 3, 100, 3]]],
    [
      false,
      'not when the champion is as slow on inputs of that size',
      [['a', 7, 40, 900]],
      [
        ['a', 3, 500, 3],
        ['b', 7, 20, 800],
      ],
    ],
  ])('(%s) %s', (is, _what, version, champion) => {
    expect(decideTrip(recent(...version), recent(...champion))?.cause).toBe(is ? 'latency-burst' : undefined);
  });
});
