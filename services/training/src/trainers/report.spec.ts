import { expect, it } from 'vitest';
import { secondsLeftAfter } from './report.js';

it('the rest is taken to go on as what is done did', () => {
  expect(secondsLeftAfter(30, 25)).toBe(90);
  expect(secondsLeftAfter(30, 100)).toBe(0);
  expect(secondsLeftAfter(3, 5)).toBeUndefined();
});
