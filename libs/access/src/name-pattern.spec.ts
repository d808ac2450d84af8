import { expect, it } from 'vitest';
import { likePatterns, matchesAny } from './name-pattern.js';

it.each([
  ['*', 'anything', true],
  ['claims-*', 'claims-triage', true],
  ['claims-*', 'claims', false],
  ['claims', 'claims', true],
  ['claims', 'claims-triage', false],
  ['*-triage', 'claims-triage', true],
  ['a*b*c', 'a-b-c', true],
  ['a*b*c', 'a-c-b', false],
  ['ab*ba', 'aba', false],
  ['c.aims', 'claims', false],
])('pattern %s and name %s: %s', (pattern, name, expected) => {
  expect(matchesAny([pattern], name)).toBe(expected);
});

it('matches nothing without a pattern', () => {
  expect(matchesAny([], 'claims')).toBe(false);
});

it('answers a hostile pattern at once', () => {
  const before = process.cpuUsage();
  expect(matchesAny(['*a'.repeat(200)], `${'a'.repeat(5000)}b`)).toBe(false);
  expect(process.cpuUsage(before).user).toBeLessThan(200_000);
});

it('turns stars into percent signs for SQL, and keeps the wildcards of SQL literal', () => {
  expect(likePatterns(['*', 'claims-*', 'a_b%c\\d'])).toEqual(['%', 'claims-%', 'a\\_b\\%c\\\\d']);
});

it.each([
  ['*', '*', true],
  ['claims-*', 'claims-a*', true],
  ['claims-*', 'claims-triage', true],
  ['claims-*', '*', false],
  ['claims-*', 'c*', false],
  ['claims-a*', 'claims-*', false],
])('pattern %s covers every name of pattern %s: %s', (held, granted, expected) => {
  expect(matchesAny([held], granted)).toBe(expected);
});
