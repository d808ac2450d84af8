import { expect, it } from 'vitest';
import { backoffMs } from './keeper.js';

it('waits longer with each failure, up to ten seconds', () => {
  expect([1, 2, 3, 4].map(backoffMs)).toEqual([250, 500, 1000, 2000]);
  expect(backoffMs(50)).toBe(10_000);
});
