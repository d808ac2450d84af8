import { expect, it } from 'vitest';
import { isNamedBy } from './file-pattern.js';

it.each([
  ['*', 'a.csv', true],
  ['*.csv', 'a.csv', true],
  ['*.csv', 'a.csv.gz', false],
  ['a*b*c', 'aXbYc', true],
  ['a*b*c', 'abc', true],
  ['a*b*c', 'ac', false],
  ['ab*b', 'ab', false],
  ['a.csv', 'a.csv', true],
  ['a.csv', 'b.csv', false],
  ['*', '.hidden', false],
])('%j names %j: %s', (pattern, name, fits) => expect(isNamedBy(pattern, name)).toBe(fits));
