import { describe, expect, it } from 'vitest';
import { noDeaths, whyGivenUp, withDeathAt } from './deaths.js';

const after = (places: number[]) => places.reduce(withDeathAt, noDeaths);

describe('a batch whose validation ended with its process', () => {
  it.each<[string, number[]]>([
    ['never', []],
    ['twice at one place', [4000, 4000]],
    ['further on each time', [1000, 2000, 3000, 4000, 5000]],
    ['anywhere', [5000, 1000, 5000, 1000, 5000, 1000]],
    ['twice at one place, and elsewhere in between', [4000, 4000, 7000, 4000, 4000]],
    ['often, but not too often', Array.from({ length: 11 }, (_, i) => i * 1000)],
  ])('%s is validated again', (_, places) => {
    expect(whyGivenUp(after(places))).toBeUndefined();
  });

  it('three times at one place is given up, wherever it ended before', () => {
    expect(whyGivenUp(after([9000, 1000, 4000, 4000, 4000]))).toBe(
      'validation ended with its process 3 times at the same place (after 4000 records) and was given up; send the records in smaller batches',
    );
    expect(whyGivenUp(after([0, 0, 0]))).toContain('before the first records');
  });

  it('too often is given up, wherever it ended', () => {
    expect(whyGivenUp(after(Array.from({ length: 12 }, (_, i) => i * 1000)))).toBe(
      'validation ended with its process 12 times and was given up; when processes live longer, send the batch again',
    );
    // counted before places were
    expect(whyGivenUp({ count: 3, place: undefined, atPlace: 0 })).toBeUndefined();
  });
});
