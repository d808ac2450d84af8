import { describe, expect, it } from 'vitest';
import { mergeWindows, overlaps } from './overlap.js';

const window = (from: number, to: number) => ({ from: new Date(from), to: new Date(to) });

describe('windows', () => {
  it('overlap when they share a moment, not when one begins where the other ends', () => {
    expect(overlaps(window(0, 2), window(1, 3))).toBe(true);
    expect(overlaps(window(0, 2), window(2, 3))).toBe(false);
  });

  it('are joined where they touch or lie within one another', () => {
    expect(mergeWindows([window(5, 6), window(0, 4), window(1, 2), window(4, 5), window(9, 10)])).toEqual([window(0, 6), window(9, 10)]);
  });
});
