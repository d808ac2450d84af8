import { describe, expect, it } from 'vitest';
import { WatchedTime } from './watched-time.js';

describe('the time for which something has been watched', () => {
  it('begins when it is known first, and anew after every break', () => {
    const watched = new WatchedTime();
    expect(watched.seconds(false, 1_000)).toBe(0);
    expect(watched.seconds(true, 2_000)).toBe(0);
    expect(watched.seconds(true, 5_000)).toBe(3);
    expect(watched.seconds(false, 6_000)).toBe(0);
    expect(watched.seconds(true, 7_000)).toBe(0);
    watched.interrupt();
    expect(watched.seconds(true, 9_000)).toBe(0);
    expect(watched.seconds(true, 9_500)).toBe(0.5);
  });
});
