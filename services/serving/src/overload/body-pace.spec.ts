import { describe, expect, it } from 'vitest';
import { isTooSlow } from './body-pace.js';

const patience = { silentMs: 15_000, totalMs: 120_000 };

describe('a body on its way', () => {
  it.each<[is: boolean, what: string, tookMs: number, silentMs: number, bytes: number]>([
    [false, 'that has just begun', 100, 100, 0],
    [false, 'of which nothing has come for a while', 14_000, 14_000, 0],
    [true, 'of which nothing comes', 15_001, 15_001, 0],
    [true, 'that stopped in the middle', 40_000, 15_001, 10_000_000],
    [true, 'that drips', 16_000, 900, 16],
    [false, 'over a slow line', 60_000, 100, 1_000_000],
    [true, 'that a slow line never brings to an end', 120_001, 100, 16_000_000],
  ])('is given up (%s) %s', (is, _what, tookMs, silentMs, bytes) => {
    expect(isTooSlow({ tookMs, silentMs, bytes }, patience)).toBe(is);
  });
});
