import { describe, expect, it } from 'vitest';
import { SlicePace } from './slice-pace.js';

describe('the size of a slice', () => {
  it('grows with a fast model, to a limit', () => {
    const pace = new SlicePace();
    const first = pace.rows;
    pace.note(first, 0.1);
    expect(pace.rows).toBe(2 * first);
    for (let turn = 0; turn < 10; turn++) pace.note(pace.rows, 0.1);
    expect(pace.rows).toBe(2_048);
  });

  it('shrinks at once to what a slow model answers in time, down to single rows', () => {
    const pace = new SlicePace();
    pace.note(16, 80);
    expect(pace.rows).toBe(4);
    pace.note(4, 4_000);
    expect(pace.rows).toBe(1);
    pace.note(1, 5);
    expect(pace.rows).toBe(2);
  });
});
