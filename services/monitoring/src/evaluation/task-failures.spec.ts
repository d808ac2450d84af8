import { expect, it } from 'vitest';
import { TaskFailures } from './task-failures.js';

it('a task that fails again and again waits longer and is complained about until it succeeds', () => {
  const failures = new TaskFailures();
  const waits = Array.from({ length: 6 }, () => failures.failed('judge drift', new Error('odd')));
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  expect(failures.complaint()).toBe('judge drift failed 6 times in a row: odd');
  failures.succeeded('judge drift');
  expect([failures.complaint(), failures.timesOf('judge drift')]).toEqual([undefined, 0]);
});

it('a task that fails once is no reason to complain', () => {
  const failures = new TaskFailures();
  failures.failed('fold counts', new Error('connection lost'));
  expect([failures.complaint(), failures.timesOf('fold counts')]).toEqual([undefined, 1]);
});
