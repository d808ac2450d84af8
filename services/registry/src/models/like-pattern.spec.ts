import { expect, it } from 'vitest';
import { likePatterns } from './like-pattern.js';

it('turns stars into percent signs', () => {
  expect(likePatterns(['*', 'claims-*'])).toEqual(['%', 'claims-%']);
});

it('keeps the wildcards of SQL literal', () => {
  expect(likePatterns(['a_b%c\\d'])).toEqual(['a\\_b\\%c\\\\d']);
});
