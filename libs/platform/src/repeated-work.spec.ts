import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RepeatedWork } from './repeated-work.js';

describe('repeated work', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is done at each interval, and never twice at once', async () => {
    const ends: (() => void)[] = [];
    const repeated = new RepeatedWork(
      () => new Promise<void>((resolve) => ends.push(resolve)),
      () => undefined,
    );
    repeated.start(100);
    expect(ends).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(350);
    repeated.doNow();
    expect(ends).toHaveLength(1);
    ends[0]!();
    await vi.advanceTimersByTimeAsync(100);
    expect(ends).toHaveLength(2);
    let isStopped = false;
    const stopped = repeated.stop().then(() => {
      isStopped = true;
    });
    await vi.advanceTimersByTimeAsync(500);
    expect([ends.length, isStopped]).toEqual([2, false]);
    ends[1]!();
    await stopped;
  });

  it('tells of a failure and goes on', async () => {
    const told: unknown[] = [];
    let times = 0;
    const repeated = new RepeatedWork(
      async () => {
        if (++times === 1) throw new Error('once');
      },
      (error) => told.push((error as Error).message),
    );
    repeated.start(100);
    await vi.advanceTimersByTimeAsync(250);
    await repeated.stop();
    expect([times, told]).toEqual([2, ['once']]);
  });
});
