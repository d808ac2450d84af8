import { expect, it } from 'vitest';
import { isWorthSaying } from './said-before.js';

const at = (seconds: number) => new Date(seconds * 1000);
const said = { reasons: ['so far 4 of 30 requests'], at: at(100) };
const labels = { verdict: 'insufficient-data' as const, reasons: ['so far 0 of 20 labelled canary predictions'] };

it('a step says again what it waits for when that has changed, at most every 30 s', () => {
  expect([129, 130].map((now) => isWorthSaying(said, labels, at(99), at(now)))).toEqual([false, true]);
  expect(isWorthSaying(said, { ...labels, reasons: [...said.reasons] }, at(99), at(500))).toBe(false);
  expect(isWorthSaying(said, { ...labels, verdict: 'pass' }, at(99), at(500))).toBe(false);
});

it('a step that has waited for long says it more rarely', () => {
  const late = { ...said, at: at(100_000) };
  expect([100_900, 101_100].map((now) => isWorthSaying(late, labels, at(0), at(now)))).toEqual([false, true]);
});
