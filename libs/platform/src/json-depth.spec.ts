import { describe, expect, it } from 'vitest';
import { exceedsDepth } from './json-depth.js';

const exceeds = (json: string, limit: number) => exceedsDepth(Buffer.from(json), limit);

describe('exceedsDepth', () => {
  it('counts arrays and objects alike', () => {
    expect(exceeds('[{"a":[1]}]', 3)).toBe(false);
    expect(exceeds('[{"a":[1]}]', 2)).toBe(true);
  });

  it('does not count what stands beside one another', () => {
    expect(exceeds('[[1],[2],{"a":{}}]', 3)).toBe(false);
  });

  it('does not count brackets inside strings, escaped quotes included', () => {
    expect(exceeds('["[[[[\\"[[[["]', 1)).toBe(false);
  });
});
