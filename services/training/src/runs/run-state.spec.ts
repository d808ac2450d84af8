import { describe, expect, it } from 'vitest';
import { decideAfterFailure, isFinal, mayMove } from './run-state.js';

describe('run state', () => {
  it('lets a queued run start, and a running one end', () => {
    expect(mayMove('queued', 'running')).toBe(true);
    expect(mayMove('running', 'succeeded')).toBe(true);
  });

  it('never moves a run that has ended', () => {
    expect(['succeeded', 'failed', 'cancelled'].every((status) => isFinal(status as 'failed'))).toBe(true);
    expect(mayMove('succeeded', 'cancelled')).toBe(false);
  });

  it('cannot succeed without having run', () => {
    expect(mayMove('queued', 'succeeded')).toBe(false);
  });

  it('tries again after a growing delay, and fails with the reason after three attempts', () => {
    expect(decideAfterFailure(1, 'killed')).toEqual({ outcome: 'retry', delayMs: 1000, reason: 'killed' });
    expect(decideAfterFailure(2, 'killed')).toMatchObject({ outcome: 'retry', delayMs: 5000 });
    expect(decideAfterFailure(3, 'killed')).toEqual({ outcome: 'fail', reason: 'gave up after 3 attempts; the last one: killed' });
  });
});
