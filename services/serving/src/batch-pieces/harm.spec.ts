import { describe, expect, it } from 'vitest';
import { Harm } from './harm.js';

const times = (count: number, what: () => void) => Array.from({ length: count }, what);

describe('the harm that rows do', () => {
  it('is theirs while the model answers others in between, and bounded per piece', () => {
    const harm = new Harm();
    times(63, () => {
      harm.note('Rows');
      harm.over();
    });
    expect(harm.isEnough).toBe(false);
    harm.note('Rows');
    expect(harm.isEnough).toBe(true);
    expect(harm.reason).toMatch(/64 times/);
  });

  it("is the model's when it answers none of them", () => {
    const harm = new Harm();
    times(7, () => harm.note('Rows'));
    expect(() => harm.note('Rows')).toThrow(/8 times without an answer/);
  });
});
